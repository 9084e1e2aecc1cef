#pragma once

#include "radio/radio_info.h"
#include "radio/saved_state.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stinky::radio {

/// The channels of one band that a radio has, and those the regulatory domain lets it use.
struct BandSummary {
    std::string band; ///< "2.4 GHz", "5 GHz", "6 GHz", "60 GHz", "S1G"
    std::size_t channels = 0;
    std::size_t usable = 0;

    bool operator==(const BandSummary&) const = default;
};

/// In the order in which the bands first appear.
std::vector<BandSummary> bandsOf(const std::vector<WifiChannel>& channels);

/// {"interface","phy","driver","mac","type","up","monitor","default_route","session","soft_blocked",
///  "hard_blocked","held_by":[],"modes":[],"bands":[{"band","channels","usable"}]}; interface, mac, type and
///  up
/// are null for a radio without an interface, the blocks where they are not known.
nlohmann::json toJson(const RadioInfo& radio);

/// A table with a heading, for people.
std::string table(const std::vector<RadioInfo>& radios);

/// One card with what will be restored, for people. `unknown` says why the saved state could not be read.
std::string details(const RadioInfo& radio, const std::optional<SavedState>& saved,
                    const std::string& unknown);

} // namespace stinky::radio
