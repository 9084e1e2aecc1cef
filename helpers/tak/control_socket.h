#pragma once

#include "common/event_loop.h"
#include "common/fd.h"

#include <functional>
#include <list>
#include <memory>
#include <string>

namespace stinky::tak {

/// A Unix socket on which one question is asked: a client sends "test\n" and gets one line of JSON. Whoever
/// may open the socket may ask; its mode is 0660 and its group that of the directory's group `group`.
class ControlSocket {
public:
    /// Gives the answer some time later.
    using Reply = std::function<void(const std::string& json)>;
    using Request = std::function<void(Reply)>;

    /// Throws Error when the socket cannot be made.
    ControlSocket(EventLoop& loop, std::string path, const std::string& group, Request test);
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

private:
    struct Client {
        Fd socket;
        EventSource readable;
        std::string line;
        Timer limit;
    };

    void onConnection();
    void onReadable(const std::shared_ptr<Client>& client);
    void answer(const std::weak_ptr<Client>& client, const std::string& text);

    EventLoop& loop_;
    std::string path_;
    Request test_;
    Fd socket_;
    std::list<std::shared_ptr<Client>> clients_;
    EventSource acceptable_;
};

} // namespace stinky::tak
