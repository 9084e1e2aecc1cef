#include "gps/service/gpsd_keeper.h"

namespace stinky::gps {

GpsdKeeper::Step GpsdKeeper::observe(bool answers, double now) {
    if (answers) {
        if (silentSince_)
            answersSince_ = now;
        silentSince_.reset();
        gaveUp_ = false;
        if (now - answersSince_ >= recovered)
            restarts_ = 0;
        return Step::none;
    }
    if (!silentSince_)
        silentSince_ = now;
    if (gaveUp_ || now - *silentSince_ < (restarts_ == 0 ? patience : patienceAfterRestart))
        return Step::none;
    if (restarts_ == mostRestarts) {
        gaveUp_ = true;
        return Step::giveUp;
    }
    ++restarts_;
    silentSince_ = now;
    return Step::restart;
}

} // namespace stinky::gps
