#include <doctest/doctest.h>

#if defined(__linux__)

#include <atomic>
#include <csignal>
#include <ctime>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "../../../native/base/ending_signals.h"

using namespace heapproof;

namespace {

int out = -1;
void Say(const char* text) { (void)!write(out, text, 1); }

bool End(int) noexcept {
  Say("E");
  return true;
}

struct Result {
  std::string said;
  int signal = 0;  // that ended it
  int code = -1;
};

// Runs `program` in a process of its own. What it says comes back, and how it ended.
Result InProcess(void (*program)(int), int argument = 0) {
  int both[2];
  REQUIRE(pipe(both) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(both[0]);
    out = both[1];
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::signal(signal, SIG_DFL);
    alarm(20);
    program(argument);
    _exit(7);
  }
  close(both[1]);
  Result result;
  for (char c; read(both[0], &c, 1) == 1;) result.said += c;
  close(both[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
  return result;
}

}  // namespace

TEST_CASE("a signal that ends the process does so when the recordings have ended, and before the next line") {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const auto program = [](int signal) {
      TakeEndingSignals(End);
      kill(getpid(), signal);
      Say("N");
    };
    const Result result = InProcess(program, signal);
    CHECK(result.said == "E");
    CHECK(result.signal == signal);
  }
}

TEST_CASE("a thread that sleeps, or runs in a loop, is ended all the same") {
  for (const bool sleeps : {true, false}) {
    const auto program = [](int sleeps) {
      TakeEndingSignals(End);
      std::thread sender([] {
        usleep(20'000);
        kill(getpid(), SIGTERM);
        pause();
      });
      if (sleeps) pause();
      while (time(nullptr) != 0) continue;  // a call, where ThreadSanitizer looks for signals
    };
    const Result result = InProcess(program, sleeps);
    CHECK(result.said == "E");
    CHECK(result.signal == SIGTERM);
  }
}

TEST_CASE("what the program handles or ignores stays with the program") {
  const Result handled = InProcess([](int) {
    ::signal(SIGTERM, [](int) { Say("H"); });
    ::signal(SIGHUP, SIG_IGN);
    TakeEndingSignals(End);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGHUP);
    Say("N");
  });
  CHECK(handled.said == "HN");
  CHECK(handled.code == 7);
}

TEST_CASE("a handler that comes later is the program's, and what it gives up is taken again") {
  const Result handled = InProcess([](int) {
    TakeEndingSignals(End);
    ::signal(SIGTERM, [](int) { Say("H"); });
    TakeEndingSignals(End);
    kill(getpid(), SIGTERM);
    ::signal(SIGTERM, SIG_DFL);
    TakeEndingSignals(End);
    kill(getpid(), SIGTERM);
    Say("N");
  });
  CHECK(handled.said == "HE");
  CHECK(handled.signal == SIGTERM);
}

TEST_CASE("a handler that lets the signal kill after its first time, as Node has one, is called") {
  const Result result = InProcess([](int) {
    struct sigaction once = {};
    once.sa_handler = [](int signal) {
      Say("O");
      raise(signal);
    };
    once.sa_flags = SA_RESETHAND;
    sigfillset(&once.sa_mask);
    sigaction(SIGTERM, &once, nullptr);
    TakeEndingSignals(End);
    kill(getpid(), SIGTERM);
    Say("N");
  });
  CHECK(result.said == "EO");
  CHECK(result.signal == SIGTERM);
}

TEST_CASE("given back, everything is as before, a thousand times over") {
  const Result result = InProcess([](int) {
    for (int i = 0; i < 1000; i++) {
      TakeEndingSignals(End);
      GiveBackEndingSignals();
    }
    struct sigaction now;
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
      sigaction(signal, nullptr, &now);
      if (now.sa_handler == SIG_DFL) Say("D");
    }
    kill(getpid(), SIGTERM);
    Say("N");
  });
  CHECK(result.said == "DDD");
  CHECK(result.signal == SIGTERM);
}

TEST_CASE("given back while signals come on another thread: none is lost") {
  const Result result = InProcess([](int) {
    static std::atomic<bool> sent{false};
    std::thread other([] {
      usleep(5'000);
      pthread_kill(pthread_self(), SIGTERM);
      sent = true;
      pause();
    });
    while (!sent) {
      TakeEndingSignals([](int) noexcept { return true; });
      GiveBackEndingSignals();
    }
    usleep(500'000);
    Say("N");
  });
  CHECK(result.said == "");
  CHECK(result.signal == SIGTERM);
}

TEST_CASE("a recording whose lock the interrupted thread has is waited for, and no longer than it takes") {
  static std::atomic<bool> locked{true};
  const Result result = InProcess([](int) {
    TakeEndingSignals([](int milliseconds) noexcept {
      for (; locked && milliseconds > 0; milliseconds--) usleep(1000);
      Say(locked ? "L" : "E");
      return !locked;
    });
    kill(getpid(), SIGTERM);  // comes back, since our thread lets this one go
    locked = false;
    pause();
  });
  CHECK(result.said == "LE");
  CHECK(result.signal == SIGTERM);
}

#if !defined(__SANITIZE_THREAD__)  // which delivers no signals to a fork of several threads
TEST_CASE("a process made by fork alone ends by the signal") {
  const Result result = InProcess([](int) {
    TakeEndingSignals(End);
    const pid_t child = fork();
    if (child == 0) {
      kill(getpid(), SIGTERM);
      usleep(200'000);
      Say("N");
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) Say("S");
  });
  CHECK(result.said == "S");
  CHECK(result.code == 7);
}
#endif

TEST_CASE("other threads than the first leave signals alone") {
  const Result result = InProcess([](int) {
    std::thread([] { TakeEndingSignals(End); }).join();
    kill(getpid(), SIGTERM);
    Say("N");
  });
  CHECK(result.said == "");
  CHECK(result.signal == SIGTERM);
}

#endif
