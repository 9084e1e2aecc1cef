#include "sim/cot_check.h"

#include "sim/cot_text.h"

#include <expat.h>

#include <strings.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

namespace stinky::sim {

namespace {

constexpr std::size_t maxDatagram = 65507; // IPv4: 65535 less 20 bytes of IP and 8 of UDP header
constexpr std::size_t unfragmented = 1400; // passes Ethernet, VPNs and tunnels in one piece

class CotParser {
public:
    explicit CotParser(std::string_view datagram);

    CotResult run();

private:
    struct FreeParser {
        void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
    };

    static CotParser& self(void* user) { return *static_cast<CotParser*>(user); }

    void fail(std::string reason);
    void startElement(const char* name, const char** attributes);
    void endElement();
    void text(std::string_view text);

    void readEvent(const char** attributes);
    void readPoint(const char** attributes);
    void checkAttributes(const char** attributes);
    std::string required(const char* element, const char** attributes, const char* name);
    double number(const char* element, const char** attributes, const char* name);
    void checkWhole();

    std::unique_ptr<XML_ParserStruct, FreeParser> parser_{XML_ParserCreate("UTF-8")};
    std::string_view datagram_;
    CotEvent event_;
    std::optional<CotDefect> defect_;
    std::vector<std::string> path_;
    int points_ = 0;
    int details_ = 0;
};

const char* find(const char** attributes, const char* name) {
    for (; *attributes != nullptr; attributes += 2) {
        if (std::strcmp(attributes[0], name) == 0) {
            return attributes[1];
        }
    }
    return nullptr;
}

CotParser::CotParser(std::string_view datagram) : datagram_(datagram) {
    XML_Parser parser = parser_.get();
    XML_SetUserData(parser, this);
    XML_SetElementHandler(
        parser,
        [](void* user, const char* name, const char** attributes) {
            self(user).startElement(name, attributes);
        },
        [](void* user, const char*) { self(user).endElement(); });
    XML_SetCharacterDataHandler(parser, [](void* user, const char* text, int length) {
        self(user).text({text, static_cast<std::size_t>(length)});
    });
    // No event needs a document type, and what one can declare (entities) has harmed many a client.
    XML_SetStartDoctypeDeclHandler(parser, [](void* user, const char*, const char*, const char*, int) {
        self(user).fail("a document type declaration");
    });
    XML_SetXmlDeclHandler(parser, [](void* user, const char* version, const char* encoding, int) {
        if (version != nullptr && encoding != nullptr && strcasecmp(encoding, "UTF-8") != 0) {
            self(user).fail("an encoding that is not UTF-8");
        }
    });
}

void CotParser::fail(std::string reason) {
    if (!defect_) {
        defect_ = CotDefect{std::move(reason)};
        XML_StopParser(parser_.get(), XML_FALSE);
    }
}

CotResult CotParser::run() {
    const XML_Status status =
        XML_Parse(parser_.get(), datagram_.data(), static_cast<int>(datagram_.size()), XML_TRUE);
    if (!defect_ && status != XML_STATUS_OK) {
        XML_Parser parser = parser_.get();
        defect_ =
            CotDefect{std::string("not well-formed XML: ") + XML_ErrorString(XML_GetErrorCode(parser)) +
                      " at byte " + std::to_string(XML_GetCurrentByteIndex(parser))};
    }
    if (!defect_) {
        checkWhole();
    }
    if (defect_) {
        return *std::move(defect_);
    }
    return std::move(event_);
}

void CotParser::startElement(const char* name, const char** attributes) {
    if (defect_) {
        return;
    }
    checkAttributes(attributes);
    const std::size_t depth = path_.size();
    if (depth == 0) {
        if (std::strcmp(name, "event") != 0) {
            fail("the root element is not event");
            return;
        }
        readEvent(attributes);
    } else if (std::strcmp(name, "event") == 0) {
        fail("an event inside the event");
    } else if (depth == 1 && std::strcmp(name, "point") == 0) {
        ++points_;
        readPoint(attributes);
    } else if (depth == 1 && std::strcmp(name, "detail") == 0) {
        ++details_;
    } else if (depth == 2 && path_[1] == "detail" && std::strcmp(name, "contact") == 0) {
        const char* callsign = find(attributes, "callsign");
        event_.callsign = callsign != nullptr ? callsign : "";
    }
    path_.emplace_back(name);
}

void CotParser::endElement() {
    if (!path_.empty()) {
        path_.pop_back();
    }
}

void CotParser::text(std::string_view text) {
    if (path_.size() == 3 && path_[1] == "detail" && path_[2] == "remarks") {
        event_.remarks += text;
    }
}

void CotParser::readEvent(const char** attributes) {
    if (required("event", attributes, "version") != "2.0") {
        fail("the version of the event is not 2.0");
    }
    event_.uid = required("event", attributes, "uid");
    event_.type = required("event", attributes, "type");
    event_.how = required("event", attributes, "how");
    event_.time = required("event", attributes, "time");
    event_.start = required("event", attributes, "start");
    event_.stale = required("event", attributes, "stale");
    if (!isCotType(event_.type)) {
        fail("the type of the event does not have the form of one");
    }
    if (!isCotHow(event_.how)) {
        fail("the how of the event does not have the form of one");
    }
    if (!parseUtcTime(event_.time)) {
        fail("time is not ISO 8601 in UTC with Z");
    }
    const auto start = parseUtcTime(event_.start);
    const auto stale = parseUtcTime(event_.stale);
    if (!start) {
        fail("start is not ISO 8601 in UTC with Z");
    }
    if (!stale) {
        fail("stale is not ISO 8601 in UTC with Z");
    }
    if (start && stale && *stale < *start) {
        fail("stale is before start");
    }
}

void CotParser::readPoint(const char** attributes) {
    event_.latitudeText = required("point", attributes, "lat");
    event_.longitudeText = required("point", attributes, "lon");
    event_.latitude = number("point", attributes, "lat");
    event_.longitude = number("point", attributes, "lon");
    event_.hae = number("point", attributes, "hae");
    event_.ce = number("point", attributes, "ce");
    event_.le = number("point", attributes, "le");
    if (std::fabs(event_.latitude) > 90) {
        fail("lat is outside -90..90");
    }
    if (std::fabs(event_.longitude) > 180) {
        fail("lon is outside -180..180");
    }
    if (event_.ce < 0 || event_.le < 0) {
        event_.warnings.emplace_back("ce or le is negative");
    }
}

void CotParser::checkAttributes(const char** attributes) {
    for (const char** attribute = attributes; *attribute != nullptr; attribute += 2) {
        if (hasControlCharacter(attribute[1])) {
            fail("a control character in an attribute");
            return;
        }
    }
    const auto begin = static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_.get()));
    const auto length = static_cast<std::size_t>(XML_GetCurrentByteCount(parser_.get()));
    if (begin <= datagram_.size() && hasControlInQuotes(datagram_.substr(begin, length))) {
        fail("a control character in an attribute");
    }
}

std::string CotParser::required(const char* element, const char** attributes, const char* name) {
    const char* value = find(attributes, name);
    if (value == nullptr || *value == '\0') {
        fail(std::string(element) + " without " + name);
        return {};
    }
    return value;
}

double CotParser::number(const char* element, const char** attributes, const char* name) {
    const auto value = parseNumber(required(element, attributes, name));
    if (!value) {
        fail(std::string(name) + " is not a finite number");
    }
    return value.value_or(0);
}

void CotParser::checkWhole() {
    if (points_ != 1) {
        fail("not exactly one point, but " + std::to_string(points_));
    }
    if (details_ != 1) {
        fail("not exactly one detail, but " + std::to_string(details_));
    }
}

} // namespace

CotResult checkCot(std::string_view datagram) {
    if (datagram.empty()) {
        return CotDefect{"an empty datagram"};
    }
    if (datagram.size() > maxDatagram) {
        return CotDefect{"more than 65507 bytes"};
    }
    if (const auto at = invalidUtf8(datagram)) {
        return CotDefect{"not well-formed UTF-8 at byte " + std::to_string(*at)};
    }
    CotResult result = CotParser(datagram).run();
    auto* event = std::get_if<CotEvent>(&result);
    if (event != nullptr && datagram.size() > unfragmented) {
        event->warnings.push_back(std::to_string(datagram.size()) + " bytes will be fragmented");
    }
    return result;
}

} // namespace stinky::sim
