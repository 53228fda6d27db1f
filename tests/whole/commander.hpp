#pragma once
// The cloud's side of commands: signs them with an Ed25519 key of its own and publishes them (contract §3.2).

#include <memory>
#include <string>

#include <boost/json/object.hpp>

struct mosquitto;
typedef struct evp_pkey_st EVP_PKEY;

namespace gatehouse::whole {

/// An Ed25519 key pair.
class SigningKey {
 public:
  explicit SigningKey(std::string kid);
  const std::string& kid() const { return kid_; }
  /// The public half as a JWK, with `scopes` (a JSON array).
  boost::json::object jwk(const std::string& scopes) const;
  /// A compact JWS over the claims. `header`: {"alg":"EdDSA","kid":KID} unless given.
  std::string sign(const boost::json::object& claims, const std::string& header = {}) const;

 private:
  std::string kid_;
  std::shared_ptr<EVP_PKEY> key_;
};

std::string base64url(std::string_view bytes);

/// Publishes below ROOT, with MQTT 5 correlation data and response topic.
class Publisher {
 public:
  Publisher(int broker_port, const std::string& certificates);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  struct Options {
    bool retain = false;
    std::string response_topic{};  ///< whole; empty: none
    std::string correlation{};
  };
  /// QoS 1; returns when the broker has it.
  void publish(const std::string& topic, const std::string& payload, const Options& options);
  void publish(const std::string& topic, const std::string& payload) { publish(topic, payload, Options{}); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::whole
