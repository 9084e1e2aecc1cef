#include "unit/sim/nmea_reader.h"

#include <cmath>
#include <cstdlib>

namespace stinky::sim::test {

std::vector<std::string> validSentences(std::string_view stream) {
    std::vector<std::string> found;
    for (std::size_t dollar = stream.find('$'); dollar != std::string_view::npos;
         dollar = stream.find('$', dollar + 1)) {
        const std::size_t star = stream.find('*', dollar);
        if (star == std::string_view::npos || stream.size() < star + 3) {
            break;
        }
        unsigned char sum = 0;
        for (std::size_t at = dollar + 1; at < star; ++at) {
            sum = static_cast<unsigned char>(sum ^ static_cast<unsigned char>(stream[at]));
        }
        const std::string digits(stream.substr(star + 1, 2));
        char* end = nullptr;
        const unsigned long told = std::strtoul(digits.c_str(), &end, 16);
        if (*end == '\0' && told == sum) {
            found.emplace_back(stream.substr(dollar, star - dollar));
        }
    }
    return found;
}

std::vector<std::string> fields(std::string_view sentence) {
    std::vector<std::string> result;
    std::size_t begin = 0;
    for (std::size_t comma = sentence.find(','); comma != std::string_view::npos;
         comma = sentence.find(',', begin)) {
        result.emplace_back(sentence.substr(begin, comma - begin));
        begin = comma + 1;
    }
    result.emplace_back(sentence.substr(begin));
    return result;
}

double gpsdDegrees(const std::string& field, char hemisphere) {
    double degrees = 0;
    const double minutes = 100.0 * std::modf(std::atof(field.c_str()) / 100.0, &degrees);
    const double value = degrees + minutes / 60.0;
    return hemisphere == 'S' || hemisphere == 'W' ? -value : value;
}

std::optional<std::vector<std::string>> findSentence(std::string_view stream, std::string_view type) {
    for (const std::string& sentence : validSentences(stream)) {
        if (sentence.size() > 6 && sentence.compare(3, 3, type) == 0) {
            return fields(sentence);
        }
    }
    return std::nullopt;
}

} // namespace stinky::sim::test
