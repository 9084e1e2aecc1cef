#include "tak/outputs/output.h"

#include <utility>

namespace stinky::tak {

bool Output::setUp(double now) {
    if (status_.up)
        return false;
    status_.up = true;
    status_.since = now;
    status_.problem.clear();
    return true;
}

bool Output::setProblem(std::string problem) {
    if (!status_.up && status_.problem == problem)
        return false;
    status_.up = false;
    status_.since.reset();
    status_.problem = std::move(problem);
    status_.lastError = status_.problem;
    return true;
}

} // namespace stinky::tak
