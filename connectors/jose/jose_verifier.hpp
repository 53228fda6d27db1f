#pragma once
// The port CommandVerifier: compact JWS, Ed25519, keys from a JWKS file.

#include "connectors/jose/command_keys.hpp"
#include "daemon/app/command_ports.hpp"

namespace gatehouse {

/// On one thread. A payload of 1 MiB takes some milliseconds.
class JoseVerifier final : public CommandVerifier {
 public:
  Result<void> load_keys(const std::string& path) override;
  ReadCommand read(const Incoming& message) const override;

 private:
  CommandKeys keys_;
};

}  // namespace gatehouse
