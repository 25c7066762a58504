#include "ending_signals.h"

#if !defined(__linux__)

namespace heapproof {
void TakeEndingSignals(EndRecordings) {}
void GiveBackEndingSignals() {}
}  // namespace heapproof

#else

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace heapproof {

namespace {

constexpr int kSignals[] = {SIGTERM, SIGINT, SIGHUP};
constexpr int kCount = 3;

// How long a thread is held that got the signal. It may have a lock that ending the recordings needs, so not for ever.
constexpr int kHoldMilliseconds = 50;
// How long recordings are waited for: first as long as one of them takes to note an event, then, with the held thread
// let go, as long as one may take to write.
constexpr int kPatience = 5, kLongPatience = 500;

// What the handler looks at: on any thread, at any moment, so it is never freed.
sem_t wake;
std::atomic<int> received{0};
std::atomic<bool> running{false}, held{false}, quit{false};
std::atomic<pid_t> process{0};
struct sigaction before[kCount];

// The first thread's own.
bool taken[kCount];
std::thread* thread = nullptr;

bool OnFirstThread() { return syscall(SYS_gettid) == getpid(); }

int64_t Milliseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

int IndexOf(int signal) {
  for (int i = 0; i < kCount; i++) {
    if (kSignals[i] == signal) return i;
  }
  return 0;
}

void PassOn(int signal) {
  sigaction(signal, &before[IndexOf(signal)], nullptr);
  kill(getpid(), signal);
}

// Only what POSIX allows in a handler.
void OnSignal(int signal) {
  const int error = errno;
  if (getpid() != process) {
    PassOn(signal);  // a child made by fork alone has this handler, but no thread of ours
  } else {
    received = signal;
    sem_post(&wake);
    const int64_t end = Milliseconds() + kHoldMilliseconds;
    while (held && Milliseconds() < end) {
      // Our thread went just as we came.
      if (!running && received.exchange(0) != 0) PassOn(signal);
      poll(nullptr, 0, 1);
    }
  }
  errno = error;
}

void Wait(EndRecordings end) {
  for (;;) {
    while (sem_wait(&wake) != 0) continue;
    const bool last = quit;
    if (const int signal = received.exchange(0); signal != 0) {
      if (!end(kPatience)) {
        held = false;
        end(kLongPatience);
      }
      PassOn(signal);
    }
    if (last) return;
  }
}

bool StartThread(EndRecordings end) {
  if (process != getpid()) {
    sem_init(&wake, 0, 0);
    thread = nullptr;  // in a child made by fork: its parent's
  }
  process = getpid();
  quit = false;
  held = true;
  sigset_t all, mask;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &mask);  // signals are for the program's threads
  try {
    thread = new std::thread(Wait, end);
  } catch (const std::exception&) {
  }
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  running = thread != nullptr;
  return running;
}

// Whether `action` does nothing but let the signal end the process. Node's own, which is there from the start for two
// of the three, is good for one time, after which the default action is in place; libuv's, behind which a listener of
// the program may be, has other flags.
bool OnlyEnds(const struct sigaction& action) {
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL) return true;
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN) return false;
  return (action.sa_flags & SA_RESETHAND) != 0 && (action.sa_flags & SA_RESTART) == 0;
}

}  // namespace

void TakeEndingSignals(EndRecordings end) {
  if (!OnFirstThread()) return;
  for (int i = 0; i < kCount; i++) {
    struct sigaction now;
    if (sigaction(kSignals[i], nullptr, &now) != 0 || !OnlyEnds(now)) continue;
    if ((thread == nullptr || process != getpid()) && !StartThread(end)) return;
    struct sigaction own = {};
    own.sa_handler = OnSignal;
    // SA_NODEFER: a thread that is held must not keep the signal from ending the process when our thread sends it.
    own.sa_flags = SA_RESTART | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&own.sa_mask);
    before[i] = now;
    taken[i] = true;
    sigaction(kSignals[i], &own, nullptr);
  }
}

void GiveBackEndingSignals() {
  if (!OnFirstThread() || thread == nullptr || process != getpid()) return;
  for (int i = 0; i < kCount; i++) {
    struct sigaction now;
    const bool is_ours = taken[i] && sigaction(kSignals[i], nullptr, &now) == 0 && now.sa_handler == OnSignal;
    if (is_ours) sigaction(kSignals[i], &before[i], nullptr);
    taken[i] = false;
  }
  quit = true;
  sem_post(&wake);
  thread->join();
  running = false;
  delete thread;
  thread = nullptr;
}

}  // namespace heapproof

#endif
