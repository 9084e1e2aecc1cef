#pragma once

#include "gps/nmea.h"
#include "gps/packet.h"
#include "gps/rate_evidence.h"
#include "gps/sirf.h"
#include "gps/ubx.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace stinky::gps {

/// What the probe needs of a port. It can read and choose the speed, and has no way to write.
class SerialPort {
public:
    virtual ~SerialPort() = default;
    /// Sets the speed in bit/s and drops what was received before; false where the hardware cannot do it.
    virtual bool setBaud(unsigned baud) = 0;
    /// The speed in bit/s, 0 when it has none that can be told.
    virtual unsigned baud() const = 0;
    /// Never waits. Returns how many bytes it put into `into`, 0 when there are none at the moment.
    virtual std::size_t read(std::span<std::uint8_t> into) = 0;
};

/// Time since an origin of the caller's choice that is never set back.
using Moment = std::chrono::microseconds;

struct ProbeOptions {
    /// Speeds to try, in the order of preference; bit/s, at least one, without duplicates.
    std::vector<unsigned> rates;
    /// The speed at which this receiver was found before. Used when `rates` has it.
    std::optional<unsigned> lastGood;
    /// Infer the speed from what is read at a wrong one; otherwise the rates are tried one after another.
    bool useEvidence = true;
    /// CDC-ACM carries bytes over USB without a line: its speed is a word without meaning and is left alone.
    bool hasRate = true;
    /// How long a rate is listened to: two periods of a receiver that talks once a second, and some.
    Moment dwell = std::chrono::milliseconds(2200);
    /// When to give up; none: when each rate has had its dwell.
    std::optional<Moment> timeout;
};

/// What led to the speed.
enum class Method : std::uint8_t { lastGood, first, evidence, order, rateless };
/// "last-good", "first", "evidence", "order", "rateless".
const char* toString(Method method) noexcept;

struct Finding {
    std::optional<unsigned> baud; ///< bit/s; none for a port that has no speed
    Protocol protocol;
    std::string
        talker; ///< of NMEA: "GN" when it was heard, otherwise the first one; empty for binary protocols
    unsigned packets; ///< valid ones, of all protocols
    Moment elapsed;   ///< since start()
    Method method;
};

/// Decides at which speed to listen, for how long, and whether that is a receiver. It waits for nothing
/// itself: the owner calls readable() when the port has bytes and expired() when deadline() has come.
///
/// It opens at the speed that was good last time, otherwise at the first of the list: a receiver that has
/// that speed is found as soon as by trying the rates in turn, and the bytes of any other line tell within a
/// few characters that it has not. From then on the evidence leads; where there is none, each rate in turn
/// gets its dwell, so that no receiver is missed which trying the rates in turn would find.
class ProbeCore {
public:
    enum class State : std::uint8_t { listening, found, nothing };

    ProbeCore(ProbeOptions options, SerialPort& port);

    void start(Moment now);
    void readable(Moment now);
    void expired(Moment now);

    State state() const noexcept { return state_; }

    /// When to call expired(); meaningful while listening.
    Moment deadline() const noexcept;

    /// Meaningful when found.
    const Finding& finding() const noexcept { return finding_; }

    /// How many bytes came in all: tells a silent line from one that talks otherwise.
    std::uint64_t bytesSeen() const noexcept { return bytesSeen_; }

private:
    void listenAt(unsigned baud, Method why, Moment now);
    void take(std::span<const std::uint8_t> bytes, Moment now);
    void countPackets(std::span<const std::uint8_t> bytes, Moment now);
    void followEvidence(Moment now);
    void nextRate(Moment now);
    bool isPending(unsigned baud) const;
    void drop(unsigned baud);
    bool settling(Moment now) const;

    unsigned packets() const noexcept { return counts_[0] + counts_[1] + counts_[2]; }

    Protocol mostHeard() const noexcept;

    ProbeOptions options_;
    SerialPort& port_;
    RateEvidence evidence_;
    State state_ = State::listening;
    Finding finding_{};
    std::uint64_t bytesSeen_ = 0;

    std::vector<unsigned> pending_;       ///< rates that have not had their dwell, the present one included
    std::vector<unsigned> visited_;       ///< speeds set so far, in order
    std::map<unsigned, Moment> listened_; ///< for how long, by speed, without the present visit
    unsigned baud_ = 0;
    unsigned earlierBaud_ = 0; ///< before the last change of speed
    Method method_ = Method::first;
    unsigned jumps_ = 0; ///< changes of speed that evidence asked for
    Moment started_{};
    Moment dwell_{};        ///< how long to stay at the present speed
    Moment arrived_{};      ///< at the present speed
    Moment lastPacket_{};   ///< meaningful with packets() > 0
    std::size_t bytes_ = 0; ///< read at the present speed

    NmeaReader nmea_;
    UbxReader ubx_;
    SirfReader sirf_;
    std::array<unsigned, 3> counts_{}; ///< valid packets at the present speed, by Protocol
    std::string talker_;
};

} // namespace stinky::gps
