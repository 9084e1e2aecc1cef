#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A second opinion on NMEA: written apart from the writer, with the arithmetic of gpsd 3.22.
namespace stinky::sim::test {

/// The sentences with a right checksum, from "$" to before "*", wherever they stand in `stream`.
std::vector<std::string> validSentences(std::string_view stream);

std::vector<std::string> fields(std::string_view sentence);

/// gpsd 3.22, drivers/driver_nmea0183.c, do_lat_lon(): one coordinate in degrees.
double gpsdDegrees(const std::string& field, char hemisphere);

/// The first sentence of this type (the three letters behind the talker), as its fields.
std::optional<std::vector<std::string>> findSentence(std::string_view stream, std::string_view type);

} // namespace stinky::sim::test
