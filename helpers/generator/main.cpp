#include "common/atomic_file.h"
#include "common/error.h"
#include "common/fd.h"
#include "generator/machine_facts.h"
#include "generator/wiring.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace {

// A generator runs before the journal does: the kernel's log is what it has (systemd.generator(7)).
void say(int priority, const std::string& message) {
    const std::string line = fmt::format("<{}>stinky-generator[{}]: {}\n", priority, getpid(), message);
    const stinky::Fd kmsg(open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
    if (!kmsg || write(kmsg.get(), line.data(), line.size()) < 0)
        fmt::print(stderr, "stinky-generator: {}\n", message);
}

void put(const std::filesystem::path& directory, const stinky::generator::GeneratedFile& file) {
    const std::filesystem::path path = directory / file.path;
    std::filesystem::create_directories(path.parent_path());
    if (!file.link)
        stinky::writeFileAtomically(path, file.content, 0644);
    else if (symlink(file.content.c_str(), path.c_str()) < 0)
        throw stinky::Error::fromErrno("link", path, errno);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2 && argc != 4) {
        fmt::print(stderr, "stinky-generator is called by systemd, with one or three directories: "
                           "see systemd.generator(7)\n");
        return 64;
    }
    // For tests; systemd sets neither.
    const char* config = std::getenv("STINKY_CONFIG");
    const std::string path = config != nullptr ? config : stinky::defaultConfigPath;
    try {
        stinky::Config settings;
        try {
            settings = stinky::Config::load(path);
        } catch (const stinky::Error& e) {
            say(3, std::string(e.what()) + "; going on with the defaults");
        }
        for (const auto& problem : settings.problems())
            say(4, fmt::format("{}:{}: {}", path, problem.line, problem.message));
        for (const auto& file : stinky::generator::wiring(settings, STINKY_UNIT_PATH,
                                                          stinky::generator::lookAtMachine(settings)))
            put(argv[1], file);
        return EXIT_SUCCESS;
    } catch (const std::exception& e) {
        say(3, e.what());
    }
    return EXIT_FAILURE;
}
