// Has V8 put collections of the whole heap off, for some seconds.
//
// Such a collection throws optimised code away that nobody runs just then, and when V8 begins one depends on how fast the
// machine is and on what else it does. A test after it runs unoptimised code and allocates more: the same loop over numbers
// with fractions read 82 kB, and 200 kB in the runs in which a collection had come before it.
//
// V8 has a mode for loading a page, in which the heap may exceed its limit, by half of it or by 32 MB, before a collection
// begins; it believes the embedder for seven seconds each time. What the limit of the whole heap and a program's own wish
// for a collection mean is as ever.
#pragma once

#include <cstdint>

#include <v8.h>

namespace heapproof {

class Postponement {
 public:
  explicit Postponement(v8::Isolate* isolate) : isolate_(isolate) {}

  // From now on, for seven seconds. Does nothing when it was called a moment ago.
  void Renew();

 private:
  v8::Isolate* const isolate_;
  uint64_t renewed_ = 0;  // nanoseconds of the monotonic clock
};

}  // namespace heapproof
