// What stands in the import tables in place of malloc, free and their kin.
//
//     allocate   call the real function, add to the thread's numbers, and when its sampler chooses: NativeSamples
//     free       add to the thread's numbers; if the filter says perhaps: NativeSamples, and only then the real function,
//                since from then on another thread may be given the address
//
// Objects of kind kRuntime and the executable get only the freeing ones, which do not count there.
#pragma once

#include <string>

namespace heapproof {

// Empty, or one clause why nothing was patched. The three are for one thread at a time.
std::string InstallNativeHooks();
void RemoveNativeHooks();
// From any thread, at any time: objects that were loaded since.
void RefreshNativeHooks();

}  // namespace heapproof
