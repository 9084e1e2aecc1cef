#include "ctl/doctor/process_facts.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/text.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>

namespace stinky::ctl {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longestName = 256;

std::string commandOf(const fs::path& process) {
    try {
        // A program names itself as it likes.
        const std::string name = readFile(process / "comm", longestName);
        return displayText(std::string_view(name).substr(0, name.find('\n')), longestName);
    } catch (const Error&) { // it has ended
        return {};
    }
}

/// Calls `visit` with each open file of each process: what it links to, and the program.
void forEachOpenFile(
    const std::function<void(const std::string& target, const std::string& program)>& visit) {
    std::error_code error;
    for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
        const std::string pid = at->path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos)
            continue;
        std::string program;
        std::error_code inner;
        for (fs::directory_iterator fd(at->path() / "fd", inner), last; !inner && fd != last;
             fd.increment(inner)) {
            std::error_code gone;
            const std::string target = fs::read_symlink(fd->path(), gone);
            if (gone)
                continue;
            if (program.empty())
                program = commandOf(at->path());
            visit(target, program);
        }
    }
}

void addOnce(std::vector<std::string>& list, const std::string& one) {
    if (std::ranges::find(list, one) == list.end())
        list.push_back(one);
}

struct Source {
    const char* path;
    const char* protocol;
    const char* state; ///< of a socket that counts: proc(5), /proc/net/tcp
};

} // namespace

std::vector<std::string> holdersOf(const std::string& path) {
    std::vector<std::string> holders;
    forEachOpenFile([&](const std::string& target, const std::string& program) {
        if (target == path)
            addOnce(holders, program);
    });
    return holders;
}

std::vector<Listener> listeners() {
    std::map<std::string, Listener> byInode;
    for (const Source& source :
         {Source{"/proc/net/tcp", "tcp", "0A"}, Source{"/proc/net/tcp6", "tcp", "0A"},
          Source{"/proc/net/udp", "udp", "07"}, Source{"/proc/net/udp6", "udp", "07"}}) {
        std::string text;
        try {
            text = readFile(source.path);
        } catch (const Error&) { // a kernel without IPv6
            continue;
        }
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            std::istringstream fields(line);
            std::string slot, local, remote, state, queues, timer, retransmit, uid, timeout, inode;
            fields >> slot >> local >> remote >> state >> queues >> timer >> retransmit >> uid >> timeout >>
                inode;
            const std::size_t colon = local.rfind(':');
            if (state != source.state || colon == std::string::npos || inode.empty())
                continue;
            Listener listener;
            listener.protocol = source.protocol;
            listener.loopback =
                local.starts_with("0100007F") || local.starts_with("00000000000000000000000001000000");
            std::from_chars(local.data() + colon + 1, local.data() + local.size(), listener.port, 16);
            byInode.emplace("socket:[" + inode + "]", std::move(listener));
        }
    }
    forEachOpenFile([&](const std::string& target, const std::string& program) {
        if (const auto found = byInode.find(target); found != byInode.end())
            addOnce(found->second.owners, program);
    });
    std::vector<Listener> list;
    for (auto& [inode, listener] : byInode)
        list.push_back(std::move(listener));
    return list;
}

} // namespace stinky::ctl
