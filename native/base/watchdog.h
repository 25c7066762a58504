// Calls on every recording four times a second, from a thread of its own, as long as there is one.
//
// A recording writes its log from the thread it records. When that thread is blocked (Atomics.wait, execSync, a lock in
// an add-on) nothing would be written, and a kill would take with it what happened just before.
#pragma once

namespace heapproof {

class Watched {
 public:
  // On the watchdog's thread. Must not wait for the program.
  virtual void OnTick() noexcept = 0;
  // A signal is about to end the process: the last moment to write. On a thread of its own as well. False when the
  // program's thread was in the way, and did not get out of it in so many milliseconds.
  virtual bool OnEnding(int milliseconds) noexcept = 0;

 protected:
  ~Watched() = default;
};

// A system that has no thread left gives no watchdog: a recording does without.
void StartWatching(Watched* watched);
// To be called again, on the thread of what is watched, as the program goes on: it may have given up listening to a
// signal that then ends the process.
void WatchSignals();
// No tick of `watched` is under way, or will come, once this returns.
void StopWatching(Watched* watched);

}  // namespace heapproof
