#include "web/routes.h"

#include <algorithm>

#include "view/secrets.h"

namespace stinky::web {
namespace {

/// A text that is there later: of work that goes on elsewhere.
class Later final : public Stream {
public:
    struct State {
        std::optional<std::string> text;
        Later* reader = nullptr;
    };

    explicit Later(std::shared_ptr<State> state) : state_(std::move(state)) { state_->reader = this; }

    ~Later() override { state_->reader = nullptr; }

    std::optional<std::size_t> read(char* buffer, std::size_t size) override {
        if (!state_->text)
            return 0;
        const std::size_t length = std::min(size, state_->text->size() - offset_);
        if (length == 0)
            return {};
        std::copy_n(state_->text->data() + offset_, length, buffer);
        offset_ += length;
        return length;
    }

private:
    std::shared_ptr<State> state_;
    std::size_t offset_ = 0;
};

} // namespace

Response Web::configRoute(const Request&, const std::string&) {
    Json settings = Json::array();
    for (const ConfigKey& key : configKeys()) {
        const bool secret = view::isSecretName(key.name);
        const std::string& value = config_.text(key.name);
        settings.push_back({{"name", key.name},
                            {"value", secret ? Json(nullptr) : Json(view::withoutLogins(value))},
                            {"default", secret ? Json(nullptr) : Json(key.fallback)},
                            {"secret", secret},
                            {"expected", key.expected}});
    }
    return json(200, {{"settings", std::move(settings)}});
}

Response Web::doctorRoute(const Request&, const std::string&) {
    auto state = std::make_shared<Later::State>();
    Response response;
    response.stream = std::make_unique<Later>(state);
    backend_.doctor([state](const std::string& text, const std::string& error) {
        state->text = error.empty() ? text : dump({{"checks", Json::array()}, {"error", error}});
        if (state->reader != nullptr && state->reader->wake)
            state->reader->wake();
    });
    return response;
}

} // namespace stinky::web
