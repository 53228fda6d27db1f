#include "tests/whole/terminal.hpp"

#include <stdexcept>

namespace gatehouse::whole {

RealTerminal::RealTerminal(std::string folder, int width, int height) : socket_(std::move(folder) + "/tmux") {
  // A shell that says nothing of its own, so that a screen can be compared.
  const auto made = tmux({"new-session", "-d", "-x", std::to_string(width), "-y", std::to_string(height),
                          "env", "LC_ALL=C.UTF-8", "PS1=ready> ", "bash", "--norc", "--noprofile"});
  if (made.status != 0) throw std::runtime_error("tmux: " + made.err + made.out);
  if (!shows("ready>")) throw std::runtime_error("no shell in tmux:\n" + screen());
}

RealTerminal::~RealTerminal() {
  tmux({"kill-server"});
}

Outcome RealTerminal::tmux(Argv arguments) const {
  arguments.insert(arguments.begin(), {"tmux", "-u", "-f", "/dev/null", "-S", socket_});
  return run(arguments, {{"LC_ALL", "C.UTF-8"}, {"TERM", "xterm-256color"}});
}

void RealTerminal::type(const std::string& line) const {
  tmux({"send-keys", "-l", line});
  press("Enter");
}

void RealTerminal::press(const std::string& key) const {
  tmux({"send-keys", key});
}

void RealTerminal::resize(int width, int height) const {
  tmux({"resize-window", "-x", std::to_string(width), "-y", std::to_string(height)});
}

std::string RealTerminal::screen() const {
  return tmux({"capture-pane", "-p"}).out;
}

bool RealTerminal::shows(const std::string& text, Millis within) const {
  return eventually(within, [&] { return screen().find(text) != std::string::npos; });
}

std::string RealTerminal::says(const std::string& format) const {
  auto out = tmux({"display-message", "-p", "#{" + format + "}"}).out;
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace gatehouse::whole
