#pragma once

#include "common/config.h"
#include "common/gpsd_client.h"
#include "common/nl80211.h"
#include "ctl/check_config.h"
#include "ctl/client.h"
#include "ctl/status_view.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stinky::ctl {

/// A USB serial port.
struct SerialPort {
    std::string name;  ///< "ttyUSB0"
    std::string usbId; ///< "0403:6001"
    std::string product;
    std::string driver;
    std::vector<std::string> holders; ///< programs that have it open, as far as we may see
    std::optional<bool> ruled; ///< udev has applied our rule to it; nothing when udev does not know the port
};

/// A socket that listens, or receives UDP.
struct Listener {
    std::string protocol; ///< "tcp", "udp"
    std::uint16_t port = 0;
    bool loopback = false;
    std::vector<std::string> owners; ///< programs, as far as we may see
};

struct RadioFacts {
    bool known = false; ///< nl80211 could be asked
    std::string hidden; ///< why it may not be asked; empty when it may
    std::string name;   ///< of the interface that the settings mean, or else what RADIO= says
    std::optional<WifiInterface> interface;
    bool canMonitor = false;
    std::size_t usableChannels = 0;
    std::string driver;
    std::string country;
    bool softBlocked = false;
    bool hardBlocked = false;
    bool defaultRoute = false;
    std::optional<bool> managedByNm; ///< nothing when NetworkManager does not run or does not know it
    bool supplicant = false;         ///< wpa_supplicant has it, as far as we may ask
};

struct OutputFacts {
    std::string url;
    std::string problem; ///< why it cannot be reached; empty when it can, as far as one can tell
    bool tried = true;
};

struct CertificateFacts {
    std::string path;
    std::string problem; ///< why it cannot be read
    std::optional<double> daysLeft;
    bool hidden = false; ///< it, or its password, is not for the eyes of whoever asks
};

struct SecretFacts {
    std::string path;
    unsigned mode = 0;
};

/// What stinky-kismet-config says of /etc/stinky/kismet.conf.
struct KismetSettings {
    std::vector<std::string> problems;                ///< "7: log_typs: Kismet has no such setting"
    std::optional<std::vector<std::string>> logTypes; ///< when the file sets them itself
};

struct KismetFacts {
    bool installed = false;
    std::optional<bool> login; ///< somebody has claimed its web interface; nothing when we may not look
    bool hasSettings = false;  ///< there is a kismet.conf
    std::optional<KismetSettings> settings; ///< nothing when there is none or it could not be looked at
};

/// All that the doctor looks at: gathered once, judged by pure functions.
struct Facts {
    std::string configPath;
    Config config;
    std::vector<ConfigFinding> configFindings;
    std::optional<StatusView> status; ///< nothing when the controller does not answer
    std::string controllerProblem;
    bool root = false;
    std::vector<SerialPort> ports;
    bool udevRule = false; ///< the file of our rule for serial ports is there
    GpsState gps;
    double gpsAt = 0; ///< seconds of CLOCK_MONOTONIC at which `gps` was read
    bool ipv6 = true;
    std::string gpsdSocket;                ///< systemd's state of gpsd.socket
    std::optional<bool> clockSynchronised; ///< nothing when the kernel may not be asked
    int year = 0;
    RadioFacts radio;
    KismetFacts kismet;
    std::optional<std::uint64_t> freeBytes;
    std::string cgroupControllers;
    std::optional<std::uint32_t> throttled; ///< the Raspberry Pi's own flags; nothing on other machines
    std::vector<OutputFacts> outputs;
    std::vector<CertificateFacts> certificates;
    std::vector<std::string> changedUnits; ///< those whose file is newer than what systemd holds
    std::vector<Listener> listeners;
    std::vector<SecretFacts> secrets;
    bool secretsHidden = false; ///< there may be others, where we may not look
    bool webToken = false;      ///< port 5000 has a token
};

/// Looks at this machine; waits some seconds for gpsd and for outputs. What cannot be found out is left
/// empty. Without `connect` no output is tried.
Facts gatherFacts(const std::string& configPath, const Client::Where& where, bool connect = true);

} // namespace stinky::ctl
