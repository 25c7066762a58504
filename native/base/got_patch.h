// Stands in front of functions that the main executable imports, by exchanging entries of its global offset table
// (ELF, x86-64 and arm64 Linux). Each loaded object has its own table; only the executable's is touched, so our own
// calls and other add-ons' go where they always went.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace heapproof {

class GotPatch {
 public:
  struct Import {
    const char* symbol;    // as the linker spells it
    void* replacement;
    void** original;       // receives what was there; set before the table is touched
    bool required;
  };

  // Empty on success, else one clause that says why nothing was changed.
  std::string Install(const std::vector<Import>& imports);
  void Remove();

 private:
  struct Slot {
    void** address;
    void* original;
  };
  std::vector<Slot> slots_;
};

}  // namespace heapproof
