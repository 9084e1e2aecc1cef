#include "radio/state_store.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace stinky::radio {
namespace {

constexpr std::size_t longestFile = 16384;

// Locks the file, or says who is in the way.
void lock(const Fd& file, const std::string& interface) {
    if (flock(file.get(), LOCK_EX | LOCK_NB) == 0)
        return;
    if (errno == EWOULDBLOCK)
        throw Error("lock the saved state of", interface,
                    "another stinky-radio holds this card; stop its service first", EBUSY);
    throw Error::fromErrno("lock the saved state of", interface, errno);
}

Fd openIfThere(const std::string& path) {
    Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno != ENOENT)
        throw Error::fromErrno("open", path, errno);
    return file;
}

Fd lockFolder(const std::string& directory) {
    Fd folder(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || flock(folder.get(), LOCK_EX) < 0)
        throw Error::fromErrno("lock", directory, errno);
    return folder;
}

// Readable by all within a folder that is closed to others: a run by root must not leave a file behind that
// the service, under its own user, cannot read. Returns the new file, locked.
Fd writeLocked(const std::string& path, const SavedState& saved) {
    writeFileAtomically(path, toJson(saved), 0644, true);
    Fd file = openIfThere(path);
    if (!file)
        throw Error::fromErrno("open", path, ENOENT);
    lock(file, saved.interface);
    return file;
}

template <typename Wanted>
std::vector<std::string> interfacesIn(const std::string& directory, Wanted wanted) {
    std::vector<std::string> found;
    std::error_code error;
    for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
        const std::filesystem::path path = at->path();
        if (path.extension() != ".json")
            continue;
        try {
            if (wanted(savedStateFromJson(readFile(path, longestFile), path)))
                found.push_back(path.stem());
        } catch (const Error&) {
            // Damaged, or gone meanwhile: the restore of its own card tells.
        }
    }
    return found;
}

} // namespace

void Claim::remember(const std::string& monitor) {
    const Fd folder = lockFolder(std::filesystem::path(path_).parent_path());
    saved_.monitor = monitor;
    file_ = writeLocked(path_, saved_);
}

void Claim::forget() {
    if (unlink(path_.c_str()) < 0 && errno != ENOENT)
        throw Error::fromErrno("remove", path_, errno);
}

std::string StateStore::defaultDirectory() {
    const char* directory = std::getenv("STATE_DIRECTORY");
    if (directory == nullptr || *directory == '\0')
        return "/var/lib/stinky/radio";
    // A list when the unit names several folders (systemd.exec(5)); ours is the first.
    const std::string list = directory;
    return list.substr(0, list.find(':'));
}

std::string StateStore::pathOf(const std::string& interface) const {
    if (!isInterfaceName(interface))
        throw Error("use", "\"" + interface + "\"", "this cannot be the name of an interface", EINVAL);
    return directory_ + "/" + interface + ".json";
}

Claim StateStore::claim(const SavedState& now) const {
    const std::string path = pathOf(now.interface);
    std::error_code error;
    if (std::filesystem::create_directories(directory_, error))
        std::filesystem::permissions(directory_, std::filesystem::perms::owner_all, error);
    const Fd folder = lockFolder(directory_);
    SavedState saved = now;
    Fd file = openIfThere(path);
    if (file) {
        lock(file, now.interface);
        SavedState before = savedStateFromJson(readFile(path, longestFile), path);
        if (sameCard(before, now))
            return {std::move(file), path, std::move(before)};
        // Of what a power cut left, this alone outlives the boot: systemd-rfkill(8) brings the switch back
        // as it last saw it, which is unblocked by us.
        saved.hold.softBlocked |= before.hold.softBlocked && before.mac == now.mac;
    }
    file = writeLocked(path, saved);
    return {std::move(file), path, std::move(saved)};
}

std::optional<Claim> StateStore::claimExisting(const std::string& interface) const {
    const std::string path = pathOf(interface);
    if (access(directory_.c_str(), F_OK) < 0 && errno == ENOENT)
        return std::nullopt;
    const Fd folder = lockFolder(directory_);
    Fd file = openIfThere(path);
    if (!file)
        return std::nullopt;
    lock(file, interface);
    return Claim(std::move(file), path, savedStateFromJson(readFile(path, longestFile), path));
}

std::optional<std::string> StateStore::interfaceOf(const std::string& selector) const {
    if (isInterfaceName(selector) && access(pathOf(selector).c_str(), F_OK) == 0)
        return selector;
    const auto found =
        interfacesIn(directory_, [&](const SavedState& saved) { return saved.selector == selector; });
    if (found.empty())
        return std::nullopt;
    return found.front();
}

std::vector<std::string> StateStore::leftovers(const std::string& bootId) const {
    return interfacesIn(directory_, [&](const SavedState& saved) { return saved.bootId != bootId; });
}

std::optional<SavedState> StateStore::peek(const std::string& interface) const {
    const std::string path = pathOf(interface);
    if (!openIfThere(path))
        return std::nullopt;
    return savedStateFromJson(readFile(path, longestFile), path);
}

} // namespace stinky::radio
