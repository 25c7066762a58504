#include "fork_guard.h"

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace heapproof {

std::atomic<bool> in_forked_child{false};

void WatchForForks() {
#if !defined(_WIN32)
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { in_forked_child.store(true, std::memory_order_relaxed); });
  (void)registered;
#endif
}

}  // namespace heapproof
