#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace stinky::tak {

/// Texts of which there are few different ones, each kept once.
class TextPool {
public:
    explicit TextPool(std::size_t capacity) : capacity_(capacity) {}

    /// The same text, valid for as long as the pool. Empty when the pool is full of others: what comes from
    /// outside must not fill the memory.
    std::string_view keep(std::string_view text) {
        auto found = texts_.find(text);
        if (found == texts_.end()) {
            if (texts_.size() >= capacity_)
                return {};
            found = texts_.emplace(text).first;
        }
        return *found;
    }

    std::size_t size() const noexcept { return texts_.size(); }

private:
    std::size_t capacity_;
    std::set<std::string, std::less<>> texts_;
};

} // namespace stinky::tak
