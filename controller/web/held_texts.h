#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace stinky::web {

/// The texts of answers that clients have not taken yet. One that several take is there once, and counts
/// once.
class HeldTexts {
public:
    using Text = std::shared_ptr<const std::string>;

    /// Bytes.
    std::size_t size() const noexcept { return size_; }

    /// What size() will be with this one.
    std::size_t sizeWith(const Text& text) const {
        return size_ + (holders_.count(text.get()) == 0 ? text->size() : 0);
    }

    void add(const Text& text) {
        size_ = sizeWith(text);
        ++holders_[text.get()];
    }

    /// Once for each add().
    void remove(const Text& text) noexcept {
        const auto found = holders_.find(text.get());
        if (found == holders_.end() || --found->second > 0)
            return;
        holders_.erase(found);
        size_ -= text->size();
    }

private:
    std::map<const std::string*, std::size_t> holders_;
    std::size_t size_ = 0;
};

} // namespace stinky::web
