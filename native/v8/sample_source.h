// V8's own sampling heap profiler as a source of events.
//
// V8 draws objects with a Poisson process over allocated bytes and forgets them when they die, but tells nobody. For
// each drawn object it does `new Sample` (a small C++ object) and deletes it when the object dies. Node imports
// operator new and delete from the C++ library, so standing in front of these two imports shows every draw and every
// death, at the moment it happens and on the thread it happens on.
//
//     operator new(n)  from V8's call site for samples  ->  OnSample(address)        the object is being allocated now
//     operator delete(address)                          ->  OnSampleGone(address)    a collection found the object dead
//
// Which call site is V8's is found by trying: with an interval of one byte and some objects made through the API, it is
// the site whose blocks hold the size and the id that the profile reports (Sample::size first, Sample::id fifth word).
// The third word is the weak handle of the object (Sample::global); the same trial tells whether it is.
#pragma once

#include <cstdint>
#include <string>

#include <v8.h>

namespace heapproof {

class SampleListener {
 public:
  // V8 fills the sample in only after this returns.
  virtual void OnSample(void* sample) noexcept = 0;
  virtual void OnSampleGone(void* sample) noexcept = 0;

 protected:
  ~SampleListener() = default;
};

// Starts V8's profiler for the isolate of the calling thread and sends its samples to `listener`.
// Empty on success, else one clause of explanation; then nothing is left changed.
std::string StartSamples(v8::Isolate* isolate, uint64_t interval, SampleListener* listener);

// Ends it. Samples still alive then are not reported as gone.
void StopSamples(v8::Isolate* isolate);

// Between recordings: what they change in the process stays as it is until as many LetSamplesGo. Nobody is told of anything.
bool HoldSamples();
void LetSamplesGo();

// Whether `sample`, one that was told and not yet gone, stands for this object. Never where V8's samples hold no handle
// that we know. On the isolate's own thread.
bool IsSampleOf(const void* sample, v8::Local<v8::Value> object);

// The size of the object that a sample stands for; 0 as long as V8 has not written it. From any thread.
inline uint64_t SampleSize(const void* sample) {
  return __atomic_load_n(static_cast<const uint64_t*>(sample), __ATOMIC_ACQUIRE);
}

}  // namespace heapproof
