#pragma once

#include "common/bus.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace stinky::dbus {

/// The action of polkit that lets a caller change anything.
inline constexpr const char* manageAction = "org.stinky.manage";

/// Decides who may change things.
class Authorizer {
public:
    /// `refusal` is empty when the caller may, otherwise it says why not.
    using Decision = std::function<void(const std::string& refusal)>;

    virtual ~Authorizer() = default;
    /// `sender`: the caller's unique bus name. `interactive`: it agreed to be asked for a password. Calls
    /// `decide` once, perhaps before returning.
    virtual void check(const std::string& sender, bool interactive, Decision decide) = 0;
};

/// Asks polkit, without blocking. Root may without it, so that a machine without polkit can be steered.
class PolkitAuthorizer final : public Authorizer {
public:
    explicit PolkitAuthorizer(sd_bus* bus) : bus_(bus), calls_(bus) {}

    void check(const std::string& sender, bool interactive, Decision decide) override;

private:
    void askPolkit(std::uint32_t uid, const std::string& sender, bool interactive, Decision decide);

    sd_bus* bus_;
    /// By user, the questions that polkit has not answered: a user whose agent is silent is to hold up
    /// nobody else.
    std::map<std::uint32_t, std::size_t> asking_;
    bus::Calls calls_;
};

} // namespace stinky::dbus
