#pragma once
// Writing users of a Net2 server, so that nothing is lost and nothing is done twice (net2-api.md §3.3, §6).

#include <functional>
#include <string>
#include <vector>

#include "connectors/net2/people_reader.hpp"
#include "connectors/net2/user_document.hpp"
#include "daemon/app/net2_writer.hpp"

namespace gatehouse {

/// One write at a time: Net2 runs on small machines (§6.15). References must outlive it.
class UserWriter final : public Net2Writer {
 public:
  UserWriter(Net2Api& api, PeopleReader& people, const ServerZone& zone)
      : api_(api), people_(people), zone_(zone) {}

  Task<Result<std::vector<NamedNumber>>> access_levels() override;
  Task<Result<std::vector<NamedNumber>>> departments() override;
  Task<Result<Net2User>> read_user(Net2UserId id, std::vector<SourceField> fields) override;
  Task<Result<std::vector<Net2UserId>>> find_marked(Ownership owner) override;
  Task<Result<Net2UserId>> create_user(NewNet2User user) override;
  Task<Result<void>> finish_user(Net2UserId id, Ownership owner, std::optional<std::int64_t> access_level,
                                 std::optional<std::int64_t> department) override;
  Task<Result<void>> update_user(Net2UserId id, Ownership owner, std::vector<Net2FieldWrite> fields) override;

 private:
  /// The places of these fields, and an error for a value that does not fit into its own.
  Task<Result<std::vector<FieldPlace>>> place(std::vector<SourceField> fields,
                                              std::vector<std::string> values);
  Task<Result<std::vector<NamedNumber>>> names(std::string path);
  Task<Result<UserDocument>> read(std::int64_t id);
  /// The id of the user that a POST made, whatever was heard of it.
  Task<Result<std::int64_t>> made(Net2Api::Written written, Ownership owner);
  /// Writes until `reached` says yes of what is read back; at most twice, and the second time only where the
  /// first is known not to have been done.
  Task<Result<void>> write_until(std::string path, std::string body,
                                 std::function<Task<Result<bool>>()> reached);
  Task<Result<void>> give_level(std::int64_t id, std::int64_t access_level);
  Task<Result<void>> give_department(std::int64_t id, std::int64_t department);

  Net2Api& api_;
  PeopleReader& people_;
  const ServerZone& zone_;
};

}  // namespace gatehouse
