#pragma once
// The words of the configuration for its enums (contract §2).

#include "daemon/core/enum_names.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

template <>
struct EnumNames<Bus::Kind> {
  static constexpr std::pair<Bus::Kind, std::string_view> all[] = {{Bus::Kind::system, "system"},
                                                                   {Bus::Kind::session, "session"},
                                                                   {Bus::Kind::none, "none"},
                                                                   {Bus::Kind::address, "address"}};
};
template <>
struct EnumNames<Polkit> {
  static constexpr std::pair<Polkit, std::string_view> all[] = {{Polkit::automatic, "auto"},
                                                                {Polkit::none, "none"}};
};
template <>
struct EnumNames<ClockTrust> {
  static constexpr std::pair<ClockTrust, std::string_view> all[] = {{ClockTrust::floor, "floor"},
                                                                    {ClockTrust::ntp, "ntp"}};
};
template <>
struct EnumNames<SecretRef::Kind> {
  static constexpr std::pair<SecretRef::Kind, std::string_view> all[] = {
      {SecretRef::Kind::credential, "credential"},
      {SecretRef::Kind::file, "file"},
      {SecretRef::Kind::env, "env"}};
};
template <>
struct EnumNames<FieldTarget> {
  static constexpr std::pair<FieldTarget, std::string_view> all[] = {
      {FieldTarget::first_name, "first_name"},
      {FieldTarget::last_name, "last_name"},
      {FieldTarget::email, "email"},
      {FieldTarget::phone, "phone"},
      {FieldTarget::membership_status, "membership_status"},
      {FieldTarget::tags, "tags"},
      {FieldTarget::roamer, "roamer"},
      {FieldTarget::roamer_sites, "roamer_sites"},
      {FieldTarget::sites, "sites"}};
};
template <>
struct EnumNames<FullSync::Every> {
  static constexpr std::pair<FullSync::Every, std::string_view> all[] = {
      {FullSync::Every::daily, "daily"},
      {FullSync::Every::weekly, "weekly"},
      {FullSync::Every::monthly, "monthly"}};
};
template <>
struct EnumNames<FirstSync> {
  static constexpr std::pair<FirstSync, std::string_view> all[] = {{FirstSync::confirm, "confirm"},
                                                                   {FirstSync::automatic, "auto"}};
};
template <>
struct EnumNames<OnRemoved> {
  static constexpr std::pair<OnRemoved, std::string_view> all[] = {
      {OnRemoved::disable, "disable"}, {OnRemoved::erase, "delete"}, {OnRemoved::keep, "keep"}};
};
template <>
struct EnumNames<ImportMode> {
  static constexpr std::pair<ImportMode, std::string_view> all[] = {{ImportMode::all, "all"},
                                                                    {ImportMode::new_only, "new_only"},
                                                                    {ImportMode::update_only, "update_only"},
                                                                    {ImportMode::dry_run, "dry_run"}};
};
template <>
struct EnumNames<RequiredIdentifier> {
  static constexpr std::pair<RequiredIdentifier, std::string_view> all[] = {
      {RequiredIdentifier::email_or_phone, "email_or_phone"},
      {RequiredIdentifier::email, "email"},
      {RequiredIdentifier::phone, "phone"},
      {RequiredIdentifier::both, "both"},
      {RequiredIdentifier::none, "none"}};
};
template <>
struct EnumNames<GroupBy> {
  static constexpr std::pair<GroupBy, std::string_view> all[] = {{GroupBy::department, "department"},
                                                                 {GroupBy::access_level, "access_level"},
                                                                 {GroupBy::group, "group"}};
};
template <>
struct EnumNames<MultipleGroups> {
  static constexpr std::pair<MultipleGroups, std::string_view> all[] = {
      {MultipleGroups::error, "error"},
      {MultipleGroups::same_type_ok, "same_type_ok"},
      {MultipleGroups::first_in_map, "first_in_map"}};
};
template <>
struct EnumNames<OnNameOnly> {
  static constexpr std::pair<OnNameOnly, std::string_view> all[] = {{OnNameOnly::review, "review"},
                                                                    {OnNameOnly::link, "link"}};
};
template <>
struct EnumNames<OnNoMatch> {
  static constexpr std::pair<OnNoMatch, std::string_view> all[] = {{OnNoMatch::create, "create"},
                                                                   {OnNoMatch::review, "review"}};
};
template <>
struct EnumNames<Authority> {
  static constexpr std::pair<Authority, std::string_view> all[] = {
      {Authority::source, "source"}, {Authority::cloud, "cloud"}, {Authority::none, "none"}};
};
template <>
struct EnumNames<ExportMode> {
  static constexpr std::pair<ExportMode, std::string_view> all[] = {
      {ExportMode::off, "off"}, {ExportMode::approve, "approve"}, {ExportMode::automatic, "auto"}};
};
template <>
struct EnumNames<IntegrationMode> {
  static constexpr std::pair<IntegrationMode, std::string_view> all[] = {
      {IntegrationMode::apply, "apply"}, {IntegrationMode::staging, "staging"}};
};
template <>
struct EnumNames<IntegrationKind> {
  static constexpr std::pair<IntegrationKind, std::string_view> all[] = {{IntegrationKind::net2, "net2"},
                                                                         {IntegrationKind::feed, "feed"}};
};
template <>
struct EnumNames<PersonType> {
  static constexpr std::pair<PersonType, std::string_view> all[] = {{PersonType::employee, "employee"},
                                                                    {PersonType::visitor, "visitor"},
                                                                    {PersonType::contractor, "contractor"},
                                                                    {PersonType::member, "member"}};
};
template <>
struct EnumNames<VisitorsAdmitted> {
  static constexpr std::pair<VisitorsAdmitted, std::string_view> all[] = {
      {VisitorsAdmitted::none, "none"},
      {VisitorsAdmitted::preregistered, "preregistered"},
      {VisitorsAdmitted::all, "all"}};
};
template <>
struct EnumNames<DoorKind> {
  static constexpr std::pair<DoorKind, std::string_view> all[] = {{DoorKind::timed, "timed"},
                                                                  {DoorKind::momentary, "momentary"}};
};
template <>
struct EnumNames<DoorMode> {
  static constexpr std::pair<DoorMode, std::string_view> all[] = {{DoorMode::normal, "normal"},
                                                                  {DoorMode::blocked, "blocked"},
                                                                  {DoorMode::force_closed, "force_closed"},
                                                                  {DoorMode::force_open, "force_open"}};
};
template <>
struct EnumNames<DoorPresence> {
  static constexpr std::pair<DoorPresence, std::string_view> all[] = {
      {DoorPresence::none, "none"}, {DoorPresence::onsite, "onsite"}, {DoorPresence::offsite, "offsite"}};
};
template <>
struct EnumNames<Direction> {
  static constexpr std::pair<Direction, std::string_view> all[] = {{Direction::in, "in"},
                                                                   {Direction::out, "out"}};
};
template <>
struct EnumNames<SignInMode> {
  static constexpr std::pair<SignInMode, std::string_view> all[] = {{SignInMode::kiosk, "kiosk"},
                                                                    {SignInMode::mobile, "mobile"},
                                                                    {SignInMode::qr, "qr"},
                                                                    {SignInMode::web, "web"}};
};
template <>
struct EnumNames<PolicyTest::Expect> {
  static constexpr std::pair<PolicyTest::Expect, std::string_view> all[] = {
      {PolicyTest::Expect::allow, "allow"}, {PolicyTest::Expect::deny, "deny"}};
};

}  // namespace gatehouse
