// The set-up without anybody to ask: everything is in a file.

#include <filesystem>

#include "daemon/settings/secrets.hpp"
#include "daemon/setup/course.hpp"
#include "daemon/setup/host_facts.hpp"

namespace gatehouse::setup {
namespace {

std::vector<std::string> texts(const std::vector<Fault>& faults) {
  std::vector<std::string> lines;
  lines.reserve(faults.size());
  for (const Fault& fault : faults) lines.push_back(to_string(fault));
  return lines;
}

bool is_there(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::exists(path, unknown);
}

}  // namespace

Outcome set_up_by_answers(const Course& course) {
  auto read = read_answers(course.options.answers);
  if (!read.answers) return refused("the answers have faults, so nothing was done", texts(read.faults));
  Answers& answers = *read.answers;
  if (is_there(course.places.config) && !answers.replace && !course.options.dry_run) {
    return refused(course.places.config +
                   " is there already; put 'replace: true' into the answers to replace it (it is kept as "
                   ".bak-DATE), or name another file with --config");
  }
  if (const auto left = left_behind(course.places.config); !left.empty()) course.say(left);
  if (answers.gateway.timezone.empty()) answers.gateway.timezone = system_timezone();
  const auto url = server_url(answers.address);
  if (!url) return refused("net2.address: " + url.error().detail);
  Net2Credentials credentials{.username = answers.username, .password = {}, .client_id = {}};
  auto password = read_secret(answers.password);
  if (!password) return refused("net2.password: " + password.error().detail);
  credentials.password = std::move(*password);
  auto client_id = read_secret(answers.client_id);
  if (!client_id) return refused("net2.client_id: " + client_id.error().detail);
  credentials.client_id = std::move(*client_id);

  Draft draft = begin_draft(answers, *url, course.places);
  if (answers.cloud)
    if (auto added = add_cloud(draft, *answers.cloud, course.places); !added)
      return refused(added.error().detail);
  course.say("Asking " + *url + "…");
  auto survey = course.visit.survey(draft.net2().net2, credentials, course.say);
  if (!survey) return refused(survey.error());
  if (survey->people_fault) return refused(within("the people", *survey->people_fault));
  draft.note = describe_survey(*survey);
  course.say(draft.note);
  if (auto wrong = add_site(draft, answers, *survey); !wrong.empty())
    return refused("the answers do not agree with the Net2 server, so nothing was written", std::move(wrong));
  const std::string id = draft.net2().id.value();
  draft.secrets.insert(draft.secrets.begin(), {{id + ".password", credentials.password},
                                               {id + ".client_id", credentials.client_id}});
  if (auto kept = keep_net2_ca(draft, course.places); !kept) return refused(kept.error().detail);
  return finish(course, draft, *survey);
}

}  // namespace gatehouse::setup
