#include "web/problem.h"

#include <nlohmann/json.hpp>

namespace stinky::web {

Response problem(unsigned status, const std::string& why) {
    using Json = nlohmann::ordered_json;
    const Json body = {{"success", false}, {"status", "error"}, {"message", why}, {"error", why}};
    return Response::of(status, "application/json",
                        body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

} // namespace stinky::web
