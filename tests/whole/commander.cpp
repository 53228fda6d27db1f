#include "tests/whole/commander.hpp"

#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <openssl/evp.h>

#include "tests/whole/wait.hpp"

namespace gatehouse::whole {

namespace json = boost::json;

std::string base64url(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const auto size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  while (!out.empty() && out.back() == '=') out.pop_back();
  for (auto& c : out) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return out;
}

SigningKey::SigningKey(std::string kid)
    : kid_(std::move(kid)), key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free) {
  if (!key_) throw std::runtime_error("cannot make an Ed25519 key");
}

json::object SigningKey::jwk(const std::string& scopes) const {
  std::string x(32, '\0');
  std::size_t size = x.size();
  EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size);
  return {{"kty", "OKP"},
          {"crv", "Ed25519"},
          {"kid", kid_},
          {"x", base64url(x)},
          {"scopes", json::parse(scopes)}};
}

std::string SigningKey::sign(const json::object& claims, const std::string& header) const {
  const auto head = header.empty() ? json::serialize(json::object{{"alg", "EdDSA"}, {"kid", kid_}}) : header;
  const auto text = base64url(head) + '.' + base64url(json::serialize(claims));
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1)
    throw std::runtime_error("cannot sign");
  return text + '.' + base64url(signature);
}

struct Publisher::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool connected = false;
  std::set<int> acknowledged;
  std::unique_ptr<mosquitto, void (*)(mosquitto*)> client{nullptr, mosquitto_destroy};
};

Publisher::Publisher(int broker_port, const std::string& certificates) : state_(std::make_unique<State>()) {
  mosquitto_lib_init();
  state_->client.reset(mosquitto_new("commander", true, state_.get()));
  auto* client = state_->client.get();
  mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  const auto ca = certificates + "/ca.pem", pem = certificates + "/watcher.pem",
             key = certificates + "/watcher.key";
  mosquitto_tls_set(client, ca.c_str(), nullptr, pem.c_str(), key.c_str(), nullptr);
  mosquitto_connect_v5_callback_set(client,
                                    [](mosquitto*, void* self, int reason, int, const mosquitto_property*) {
                                      auto& state = *static_cast<State*>(self);
                                      const std::lock_guard lock(state.mutex);
                                      state.connected = reason == 0;
                                      state.changed.notify_all();
                                    });
  mosquitto_disconnect_v5_callback_set(client, [](mosquitto*, void* self, int, const mosquitto_property*) {
    auto& state = *static_cast<State*>(self);
    const std::lock_guard lock(state.mutex);
    state.connected = false;
  });
  mosquitto_publish_v5_callback_set(client,
                                    [](mosquitto*, void* self, int id, int, const mosquitto_property*) {
                                      auto& state = *static_cast<State*>(self);
                                      const std::lock_guard lock(state.mutex);
                                      state.acknowledged.insert(id);
                                      state.changed.notify_all();
                                    });
  if (mosquitto_connect_bind_v5(client, "localhost", broker_port, 60, nullptr, nullptr) != 0)
    throw std::runtime_error("the commander cannot connect");
  mosquitto_loop_start(client);
  std::unique_lock lock(state_->mutex);
  if (!state_->changed.wait_until(lock, deadline(10s), [this] { return state_->connected; }))
    throw std::runtime_error("the broker does not let the commander in");
}

Publisher::~Publisher() {
  mosquitto_disconnect(state_->client.get());
  mosquitto_loop_stop(state_->client.get(), false);  // it ends by the disconnect
}

void Publisher::publish(const std::string& topic, const std::string& payload, const Options& options) {
  {
    // It comes back by itself after the broker was away, and later than the gateway.
    std::unique_lock lock(state_->mutex);
    if (!state_->changed.wait_until(lock, deadline(10s), [this] { return state_->connected; }))
      throw std::runtime_error("the commander is not back at the broker");
  }
  mosquitto_property* properties = nullptr;
  if (!options.response_topic.empty())
    mosquitto_property_add_string(&properties, MQTT_PROP_RESPONSE_TOPIC, options.response_topic.c_str());
  if (!options.correlation.empty())
    mosquitto_property_add_binary(&properties, MQTT_PROP_CORRELATION_DATA, options.correlation.data(),
                                  static_cast<std::uint16_t>(options.correlation.size()));
  int id = 0;
  const int outcome =
      mosquitto_publish_v5(state_->client.get(), &id, topic.c_str(), static_cast<int>(payload.size()),
                           payload.data(), 1, options.retain, properties);
  mosquitto_property_free_all(&properties);
  if (outcome != MOSQ_ERR_SUCCESS)
    throw std::runtime_error(std::string("cannot publish: ") + mosquitto_strerror(outcome));
  std::unique_lock lock(state_->mutex);
  if (!state_->changed.wait_until(lock, deadline(10s), [&] { return state_->acknowledged.contains(id); }))
    throw std::runtime_error("the broker does not acknowledge");
}

}  // namespace gatehouse::whole
