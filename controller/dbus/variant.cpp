#include "dbus/variant.h"

#include "common/error.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace stinky::dbus {
namespace {

using view::Json;

/// Opens a container, and closes it when all went well.
template <typename Content>
void within(sd_bus_message* message, char type, const char* contents, const Content& content) {
    checked(sd_bus_message_open_container(message, type, contents), "write", "a message");
    content();
    checked(sd_bus_message_close_container(message), "write", "a message");
}

void appendVariant(sd_bus_message* message, const Json& value);

void appendList(sd_bus_message* message, const Json& list) {
    const bool texts = std::ranges::all_of(list, [](const Json& one) { return one.is_string(); });
    within(message, 'v', texts ? "as" : "av", [&] {
        within(message, 'a', texts ? "s" : "v", [&] {
            for (const Json& one : list)
                if (texts)
                    checked(sd_bus_message_append(message, "s", one.get_ref<const std::string&>().c_str()),
                            "write", "a message");
                else if (!one.is_null())
                    appendVariant(message, one);
        });
    });
}

void appendVariant(sd_bus_message* message, const Json& value) {
    int result = 0;
    if (value.is_string())
        result = sd_bus_message_append(message, "v", "s", value.get_ref<const std::string&>().c_str());
    else if (value.is_boolean())
        result = sd_bus_message_append(message, "v", "b", value.get<bool>() ? 1 : 0);
    else if (value.is_number_integer())
        result = sd_bus_message_append(message, "v", "x", value.get<std::int64_t>());
    else if (value.is_number())
        result = sd_bus_message_append(message, "v", "d", value.get<double>());
    else if (value.is_array())
        appendList(message, value);
    else
        within(message, 'v', "a{sv}", [&] { appendDictionary(message, value); });
    checked(result, "write", "a message");
}

} // namespace

void appendDictionary(sd_bus_message* message, const Json& object) {
    within(message, 'a', "{sv}", [&] {
        if (!object.is_object())
            return;
        for (const auto& item : object.items()) {
            if (item.value().is_null())
                continue;
            within(message, 'e', "sv", [&] {
                checked(sd_bus_message_append(message, "s", item.key().c_str()), "write", item.key());
                appendVariant(message, item.value());
            });
        }
    });
}

} // namespace stinky::dbus
