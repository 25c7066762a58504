// Stands in front of functions that loaded objects import, by exchanging entries of their global offset tables (ELF,
// x86-64 and arm64 Linux). Each object has a table of its own; that of heapproof is never touched, so our own calls go
// where they always went.
//
//     add-on:  call malloc ──► [slot of the add-on] ──► replacement ──► *original
//     node:    call malloc ──► [slot of node] ────────► the C library, unless node is to be patched too
//
// Two patches may share a slot of the executable, whatever the order in which they come and go: the upper one's
// replacement is called first, and its *original leads to the lower one's.
//
//     slot ──► upper.replacement ──► *upper.original = lower.replacement ──► *lower.original = the real function
//
// All functions may be called from any thread. They must not be called inside a callback of dl_iterate_phdr.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "loaded_object.h"

namespace heapproof {

class GotPatch {
 public:
  struct Import {
    const char* symbol;    // as the linker spells it
    void* replacement;
    void** original;       // receives what to call instead; set before any table is touched, never cleared
    unsigned where;        // whose tables: bits of ObjectKind. An upper patch may only have kExecutable
    bool required;         // of the executable: without it nothing is patched
  };
  enum class Level { kLower, kUpper };

  explicit GotPatch(Level level) : level_(level) {}
  GotPatch(const GotPatch&) = delete;
  GotPatch& operator=(const GotPatch&) = delete;

  // Empty on success, else one clause that says why nothing was changed. The replacements have to stay callable for
  // ever: another thread, or somebody who keeps a copy of the address, may call them after Remove.
  //
  // A lower patch takes only slots that lead to the function that the whole process uses, an upper one all: an object
  // that brings an allocator of its own keeps it. So two copies of this library cannot both have a lower patch, and the
  // second is refused.
  std::string Install(std::vector<Import> imports);

  // Patches objects that were loaded since. Costs two loads for each object that binds lazily when there are none.
  void Refresh();

  // Puts back what every slot held, unless somebody else has exchanged it since or the object is gone.
  void Remove();

  // What a call of `symbol` by the executable ends in: a preloaded library's version if there is one. nullptr if nobody
  // has it. Takes the loader's lock.
  static void* RealFunction(const char* symbol);

  // How many slots of the process are not as they were.
  static size_t ChangedSlots();

 private:
  class Walk;
  struct Real {
    void* function;  // what RealFunction says
    void* alias;     // what `&symbol` is in libraries if the executable took the address too: a stub of the executable
  };
  static Real RealOf(const char* symbol);

  const Level level_;
  bool installed_ = false;
  std::vector<Import> imports_;
  std::vector<Real> reals_;           // beside the imports
  uint64_t loads_ = 0, unloads_ = 0;  // the loader's counts at the last walk
  int retries_ = 0;                   // left for objects that were just being loaded
};

}  // namespace heapproof
