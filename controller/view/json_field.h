#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace stinky::view {

/// The text of a field; empty when there is none, or when it is no text.
template <typename Json>
std::string textField(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->template get<std::string>() : std::string();
}

/// The number of a field; nothing when there is none, or when it is no number.
template <typename Json>
std::optional<double> numberField(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? std::optional(found->template get<double>())
                                                       : std::nullopt;
}

/// The array of a field, in place: the description of a sensor is long. An empty one when there is none.
template <typename Json>
const Json& arrayField(const Json& object, const char* key) {
    static const Json none = Json::array();
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : none;
}

} // namespace stinky::view
