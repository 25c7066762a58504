#include "watchdog.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "ending_signals.h"
#include "fork_guard.h"

namespace heapproof {

namespace {

constexpr std::chrono::milliseconds kTick(250);

// Kept for the life of the process: the thread may still look at it while static objects are destroyed.
struct Watchdog {
  std::mutex mutex;  // held during ticks, so that StopWatching waits for them
  std::condition_variable changed;
  std::vector<Watched*> watched;
  std::thread thread;
  std::mutex thread_mutex;  // for starting and joining
};

Watchdog& TheWatchdog() {
  static auto* watchdog = new Watchdog();
  return *watchdog;
}

void Run() {
  Watchdog& watchdog = TheWatchdog();
  std::unique_lock lock(watchdog.mutex);
  while (!watchdog.watched.empty()) {
    watchdog.changed.wait_for(lock, kTick);
    for (Watched* each : watchdog.watched) each->OnTick();
  }
}

// Not behind the lock for long: a program's thread may have been interrupted by the signal while it had it.
bool EndAll(int milliseconds) noexcept {
  Watchdog& watchdog = TheWatchdog();
  std::unique_lock lock(watchdog.mutex, std::defer_lock);
  for (; !lock.try_lock(); milliseconds--) {
    if (milliseconds <= 0) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  bool all = true;
  for (Watched* each : watchdog.watched) all &= each->OnEnding(milliseconds);
  return all;
}

// Signals are for the program's threads.
std::thread StartThread() {
#if defined(_WIN32)
  return std::thread(Run);
#else
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread;
  try {
    thread = std::thread(Run);
  } catch (const std::system_error&) {
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
#endif
}

}  // namespace

void StartWatching(Watched* watched) {
  Watchdog& watchdog = TheWatchdog();
  const std::lock_guard starting(watchdog.thread_mutex);
  {
    const std::lock_guard lock(watchdog.mutex);
    watchdog.watched.push_back(watched);
  }
  if (!watchdog.thread.joinable()) watchdog.thread = StartThread();
  WatchSignals();
}

void WatchSignals() {
  if (!InForkedChild()) TakeEndingSignals(EndAll);
}

void StopWatching(Watched* watched) {
  if (InForkedChild()) return;  // the thread stayed in the parent, perhaps with the lock
  Watchdog& watchdog = TheWatchdog();
  const std::lock_guard starting(watchdog.thread_mutex);
  bool last;
  {
    const std::lock_guard lock(watchdog.mutex);
    std::erase(watchdog.watched, watched);
    last = watchdog.watched.empty();
  }
  if (!last) return;
  GiveBackEndingSignals();
  if (!watchdog.thread.joinable()) return;
  watchdog.changed.notify_all();
  watchdog.thread.join();
}

}  // namespace heapproof
