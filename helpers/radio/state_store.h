#pragma once

#include "common/fd.h"
#include "radio/saved_state.h"

#include <optional>
#include <string>
#include <vector>

namespace stinky::radio {

/// The saved state of one card, owned: as long as a Claim lives, no other stinky-radio holds or restores
/// that card. The lock (flock(2) on the file) ends with the process, however that ends.
class Claim {
public:
    Claim(Fd file, std::string path, SavedState saved)
        : file_(std::move(file)), path_(std::move(path)), saved_(std::move(saved)) {}

    const SavedState& saved() const noexcept { return saved_; }

    /// Writes down, durably, that an interface of this name was made beside the card; before it is made.
    void remember(const std::string& monitor);

    /// The card is as it was (or gone): nothing is left to restore.
    void forget();

private:
    Fd file_;
    std::string path_;
    SavedState saved_;
};

/// The folder of saved states, one file <interface>.json for each card that is held. Throws Error; code()
/// EBUSY when another stinky-radio holds the card.
class StateStore {
public:
    explicit StateStore(std::string directory) : directory_(std::move(directory)) {}

    /// $STATE_DIRECTORY, which systemd sets from StateDirectory=, else /var/lib/stinky/radio.
    static std::string defaultDirectory();

    /// For hold: saves `now` durably, unless a file about the very same card is there: then that older state
    /// is the one to go back to, because `now` is what a crashed run left. A soft block that was lifted
    /// before a power cut is remembered too. Creates the folder.
    Claim claim(const SavedState& now) const;
    /// For restore: nothing when there is no saved state.
    std::optional<Claim> claimExisting(const std::string& interface) const;
    /// The interface that the guard of this selector had when it saved its state: of a running or a crashed
    /// one. Nothing when there is none.
    std::optional<std::string> interfaceOf(const std::string& selector) const;
    /// The interfaces of which an earlier boot left a saved state; damaged ones are passed over.
    std::vector<std::string> leftovers(const std::string& bootId) const;
    /// For a look without a lock: nothing when there is no saved state.
    std::optional<SavedState> peek(const std::string& interface) const;

private:
    std::string pathOf(const std::string& interface) const;

    std::string directory_;
};

} // namespace stinky::radio
