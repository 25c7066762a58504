// The samples that are still alive, by address, so that a free finds the allocation it ends. 32 bytes a slot.
#pragma once

#include <cstdint>

#include "address_map.h"

namespace heapproof {

struct LiveSample {
  uint64_t size;
  uint64_t time;
  uint32_t trace;
  uint32_t era = 0;  // of the live view (live_view.h) when it was allocated
};

using LiveSet = AddressMap<LiveSample>;

}  // namespace heapproof
