// The ports of the directory sync: runs, mirror and registry, people, switches.
#include <utility>

#include "daemon/store/store_inside.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t gone_at_most = 500;

}  // namespace

Task<Result<std::vector<IndexedRecord>>> Store::load_index(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.records().index(integration); });
}

Task<Result<DirectoryReport>> Store::apply(DirectoryCommit commit) {
  return inside_->ask([commit = std::move(commit)](StoreFile& file) { return file.apply(commit); });
}

Task<Result<std::vector<PlanChange>>> Store::preview(DirectoryCommit commit) {
  return inside_->ask(
      [commit = std::move(commit)](StoreFile& file) { return file.directory().preview(commit); });
}

Task<Result<std::optional<std::uint64_t>>> Store::last_mapping(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.directory().last_mapping(integration); });
}

Task<Result<void>> Store::save_mapping(IntegrationId integration, std::uint64_t seed) {
  return inside_->ask([=](StoreFile& file) { file.save_mapping(integration, seed); });
}

Task<Result<std::uint64_t>> Store::removals_since(IntegrationId integration, Instant since) {
  return inside_->ask([=](StoreFile& file) { return file.directory().removals_since(integration, since); });
}

Task<Result<std::uint64_t>> Store::people_present(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.directory().people_present(integration); });
}

Task<Result<std::vector<std::int64_t>>> Store::gone_before(IntegrationId integration, Instant moment) {
  return inside_->ask(
      [=](StoreFile& file) { return file.records().gone_before(integration, moment, gone_at_most); });
}

Task<Result<void>> Store::save_run(SyncRun run, bool tell) {
  return inside_->ask([run = std::move(run), tell](StoreFile& file) { file.save_run(run, tell); });
}

Task<Result<void>> Store::end_interrupted_runs() {
  return inside_->ask([](StoreFile& file) { file.end_interrupted_runs(); });
}

Task<Result<std::optional<SyncRun>>> Store::last_complete_run(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.runs().last_complete(integration); });
}

Task<Result<std::optional<SyncRun>>> Store::last_full_run(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.runs().last_full(integration); });
}

Task<Result<std::vector<DoorRow>>> Store::doors(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.doors().list(integration); });
}

Task<Result<void>> Store::save_doors(IntegrationId integration, std::vector<SourceDoor> doors) {
  return inside_->ask(
      [integration, doors = std::move(doors)](StoreFile& file) { file.save_doors(integration, doors); });
}

Task<Result<void>> Store::take_over_doors(IntegrationId integration, std::vector<SourceDoor> doors) {
  return inside_->ask(
      [integration, doors = std::move(doors)](StoreFile& file) { file.take_over_doors(integration, doors); });
}

Task<Result<Switch>> Store::switch_of(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.keys().switched(integration); });
}

Task<Result<void>> Store::set_switch(IntegrationId integration, Switch state) {
  return inside_->ask([=](StoreFile& file) { file.set_switch(integration, state); });
}

Task<Result<std::vector<RegistryRow>>> Store::registry_rows(IntegrationId integration, PersonId after) {
  return inside_->ask([=](StoreFile& file) { return file.registry().page(integration, after); });
}

Task<Result<std::vector<PersonId>>> Store::registry_ids(IntegrationId integration, RegistryAsk ask) {
  return inside_->ask(
      [integration, ask = std::move(ask)](StoreFile& file) { return file.registry().ids(integration, ask); });
}

Task<Result<std::vector<RegistryRow>>> Store::registry_rows_of(IntegrationId integration,
                                                               std::vector<PersonId> people) {
  return inside_->ask([integration, people = std::move(people)](StoreFile& file) {
    return file.registry().rows(integration, people);
  });
}

std::uint64_t Store::registry_revision() const {
  return inside_->registry_revision();
}

Task<Result<Person>> Store::set_tracked(PersonId person, bool tracked, std::string reason,
                                        std::optional<Instant> until) {
  return inside_->ask([=](StoreFile& file) { return file.set_tracked(person, tracked, reason, until); });
}

Task<Result<std::size_t>> Store::couple_overdue(Instant now) {
  return inside_->ask([=](StoreFile& file) { return file.couple_overdue(now); });
}

Task<Result<std::vector<Person>>> Store::cloud_people(PersonId after) {
  return inside_->ask([=](StoreFile& file) { return file.people().of_cloud(after); });
}

Task<Result<void>> Store::note_export(ExportNote note) {
  return inside_->ask([note = std::move(note)](StoreFile& file) {
    file.ordinary("store.export", [&] { file.people().note_export(note); });
  });
}

Task<Result<Listing<ActivityRow>>> Store::list_activity(ActivityFilter filter, std::optional<Instant> since,
                                                        Page page) {
  return inside_->ask([=](StoreFile& file) { return file.activity().list(filter, since, page); });
}

Task<Result<std::vector<LinkRow>>> Store::links_of(PersonId person) {
  return inside_->ask([=](StoreFile& file) { return file.people().links(person); });
}

Task<Result<std::vector<ActivityRow>>> Store::activity_of(PersonId person, std::size_t at_most) {
  return inside_->ask([=](StoreFile& file) { return file.people().activity(person, at_most); });
}

}  // namespace gatehouse
