// V8 tells one listener of an isolate about code. Where several copies of this library are in one process, they share it:
//
//     V8 ──► the only copy's listener              as long as there is one
//     V8 ──► Shared::dispatch ──► each copy's      from the second on; the first copy's code, which stays loaded
//
// What they share hangs on the isolate's global object, by a private name that programs do not see.
//
// All of this is for the isolate's own thread. The listeners are called on any thread that collects garbage.
#pragma once

#include <atomic>

#include <v8.h>

namespace heapproof {

class CodeListeners {
 public:
  explicit CodeListeners(v8::Isolate* isolate) : isolate_(isolate) {}
  CodeListeners(const CodeListeners&) = delete;
  CodeListeners& operator=(const CodeListeners&) = delete;

  // From now on V8 tells `listener`; what it told before is lost. Not more than kMost at once: the next hears nothing.
  void Join(v8::JitCodeEventHandler listener);
  void Leave();

  // Has V8 tell everybody of the code that there is already; meanwhile is_listing() is true for all of them.
  void ListExisting();
  bool is_listing() const { return shared_->listing > 0; }

  // Nobody is told until Resume(). Not while V8 goes through its listeners: it would do so in a list that has changed.
  // The copies may all say so, in any order.
  void Pause();
  void Resume();

  // While a listener has V8 do what can collect garbage.
  class BeingTold;

 private:
  static constexpr int kMost = 16;

  // The copies were compiled apart, perhaps from different releases: what lies where in here must never change, or the
  // private name has to.
  struct Shared {
    v8::JitCodeEventHandler dispatch;                         // this and the next are the first copy's
    void (*dispose)(v8::Isolate* isolate, Shared* shared);
    std::atomic<v8::JitCodeEventHandler> listeners[kMost];
    int listing;
    int telling;
  };

  static void Dispatch(const v8::JitCodeEvent* event);
  static void Dispose(v8::Isolate* isolate, Shared* shared);
  static Shared* Make(v8::Isolate* isolate);
  Shared* FindOrMake();
  void Tell(v8::JitCodeEventOptions options = v8::kJitCodeEventDefault);

  v8::Isolate* const isolate_;
  v8::JitCodeEventHandler own_ = nullptr;
  Shared alone_ = {};  // where nothing can be shared: as if there were no other copy
  Shared* shared_ = &alone_;
  bool paused_ = false;
};

class CodeListeners::BeingTold {
 public:
  explicit BeingTold(CodeListeners& listeners) : shared_(*listeners.shared_) { shared_.telling++; }
  ~BeingTold() { shared_.telling--; }
  BeingTold(const BeingTold&) = delete;
  BeingTold& operator=(const BeingTold&) = delete;

 private:
  Shared& shared_;
};

}  // namespace heapproof
