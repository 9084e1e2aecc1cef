#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace stinky {

/// Replaces `path` by `content` so that a reader sees the old file or the new one, never a part: a temporary
/// file beside it, then rename(2). With `durable` it also survives a power cut (fsync of file and folder).
void writeFileAtomically(const std::string& path, std::string_view content, mode_t mode,
                         bool durable = false);

/// The whole file; throws Error when it cannot be read or is longer than `limit` bytes.
std::string readFile(const std::string& path, std::size_t limit = 1 << 20);

} // namespace stinky
