#include "ctl/report.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/fd.h"
#include "ctl/doctor/checks.h"
#include "ctl/doctor/doctor.h"
#include "ctl/doctor/sysfs.h"
#include "ctl/logs.h"
#include "ctl/redact.h"
#include "ctl/status_table.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/utsname.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>

#include "view/journal.h"

namespace stinky::ctl {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t journalRecords = 2000;
constexpr std::size_t mostOfFile = 256 * 1024;

struct ArchiveCloser {
    void operator()(archive* one) const noexcept { archive_write_free(one); }
};

struct EntryCloser {
    void operator()(archive_entry* entry) const noexcept { archive_entry_free(entry); }
};

/// What cannot be had is told in its place: a report with a hole is better than none.
std::string attempt(const std::function<std::string()>& make) {
    try {
        return make();
    } catch (const std::exception& e) {
        return std::string("not available: ") + e.what() + "\n";
    }
}

std::string contentOf(const fs::path& path) {
    return attempt([&] { return readFile(path, mostOfFile); });
}

std::string machineText() {
    utsname names = {};
    uname(&names);
    std::error_code error;
    std::string text = fmt::format("stinky {}\nkernel {} {} {}\n", STINKY_VERSION, names.release,
                                   names.version, names.machine);
    if (fs::exists("/proc/device-tree/model", error)) {
        const std::string model = contentOf("/proc/device-tree/model");
        text += "model " + model.substr(0, model.find('\0')) + "\n";
    }
    return text + contentOf("/etc/os-release") + contentOf("/proc/meminfo").substr(0, 200) + "\n";
}

std::string journalText(const std::string& description) {
    view::LogQuery query;
    try {
        query.known = unitsIn(parseDescription(description));
    } catch (const Error&) { // the controller does not answer
    }
    query.limit = journalRecords;
    std::string text;
    for (const view::LogRecord& record : view::Journal().read(query))
        text += logLine(record, false);
    return text.empty() ? "no records: run it with sudo\n" : text;
}

/// Unit files and drop-ins of ours, those that a person has added too.
std::string unitText() {
    std::string text;
    for (const char* root : {"/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator"}) {
        std::error_code error;
        for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
             at.increment(error)) {
            std::error_code none;
            if (at->path().string().find("stinky") != std::string::npos && at->is_regular_file(none))
                text += "# " + at->path().string() + "\n" + contentOf(at->path()) + "\n";
        }
    }
    return text.empty() ? "no unit files beside those that are installed\n" : text;
}

std::vector<ReportFile> collect(const Options& options) {
    std::vector<ReportFile> files;
    std::string description;
    files.emplace_back("describe.json", attempt([&] {
                           EventLoop loop;
                           description = Client(loop, options.where).describe();
                           return nlohmann::ordered_json::parse(description).dump(2) + "\n";
                       }));
    files.emplace_back("status.txt", attempt([&] {
                           return renderStatus(parseDescription(description), {}, std::time(nullptr));
                       }));
    const std::vector<Check> checks = examine(gatherFacts(options.config, options.where));
    files.emplace_back("doctor.txt", renderChecks(checks, {}));
    files.emplace_back("doctor.json",
                       toJson(checks).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    files.emplace_back("journal.txt", attempt([&] { return journalText(description); }));
    files.emplace_back("stinky.conf", contentOf(options.config));
    files.emplace_back("units.txt", attempt(unitText));
    files.emplace_back("machine.txt", machineText());
    files.emplace_back("usb.txt", usbText("/sys/bus/usb/devices"));
    for (auto& [name, text] : files)
        text = redacted(text);
    return files;
}

} // namespace

std::string usbText(const std::string& folder) {
    std::string text;
    for (const fs::path& device : entries(folder)) {
        if (attribute(device / "idVendor").empty())
            continue;
        for (const char* name : {"idVendor", "idProduct", "product"})
            if (const std::string value = attribute(device / name); !value.empty())
                text += value + " ";
        text += "\n";
    }
    return text;
}

void writeArchive(const std::string& path, const std::string& name, const std::vector<ReportFile>& files) {
    const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd)
        throw Error::fromErrno("make", path, errno);
    const std::unique_ptr<archive, ArchiveCloser> out(archive_write_new());
    const auto must = [&](int result) {
        if (result != ARCHIVE_OK)
            throw Error("write", path, archive_error_string(out.get()));
    };
    must(archive_write_add_filter_gzip(out.get()));
    must(archive_write_set_format_ustar(out.get()));
    must(archive_write_open_fd(out.get(), fd.get()));
    for (const auto& [file, text] : files) {
        const std::unique_ptr<archive_entry, EntryCloser> entry(archive_entry_new());
        archive_entry_set_pathname(entry.get(), (name + "/" + file).c_str());
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text.size()));
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0600);
        archive_entry_set_mtime(entry.get(), std::time(nullptr), 0);
        must(archive_write_header(out.get(), entry.get()));
        if (archive_write_data(out.get(), text.data(), text.size()) != static_cast<la_ssize_t>(text.size()))
            throw Error("write", path, archive_error_string(out.get()));
    }
    must(archive_write_close(out.get()));
}

int report(const Options& options) {
    const std::string name = fmt::format("stinky-report-{:%Y%m%d-%H%M%S}", fmt::gmtime(std::time(nullptr)));
    const std::string path = options.output.empty() ? name + ".tar.gz" : options.output;
    writeArchive(path, name, collect(options));
    if (options.json)
        std::cout << nlohmann::ordered_json({{"report", path}}).dump() << "\n";
    else
        std::cout
            << path
            << "\n  MAC addresses, positions and secrets were made short or taken out. IP addresses and "
               "names of servers stay,\n  and names of networks may be in the journal: look at it before "
               "you give it away: tar -xzf "
            << path << "\n";
    return EXIT_SUCCESS;
}

} // namespace stinky::ctl
