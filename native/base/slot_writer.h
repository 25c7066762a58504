// Writes single words of a loaded object's data while other threads use them.
#pragma once

#include "loaded_object.h"

#if HEAPPROOF_HAS_ELF

namespace heapproof {

// For one object, inside the callback of dl_iterate_phdr. The pages that the loader had made read-only are opened at the
// first write that needs it, and protected again when this ends: two system calls an object, not an entry.
class SlotWriter {
 public:
  explicit SlotWriter(const LoadedObject& object) : object_(object) {}
  ~SlotWriter();
  SlotWriter(const SlotWriter&) = delete;
  SlotWriter& operator=(const SlotWriter&) = delete;

  // The object has pages that belong read-only, and they are not: the loader has not finished with it.
  bool UnprotectedTable();
  // The address lies in memory of the object that is there to be read and that is data.
  bool IsData(void** slot) const;
  // False, and nothing was written, if it cannot be.
  bool Write(void** slot, void* value);

 private:
  enum class State { kUnknown, kProtected, kUnprotected, kOpened, kRefused };
  State Table();

  const LoadedObject& object_;
  State state_ = State::kUnknown;
};

}  // namespace heapproof

#endif
