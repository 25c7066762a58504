// Switches options of V8 off while the program runs, without V8 taking it for another V8.
//
// V8 has a hash of all its options that are not as by default. It is part of every piece of compiled code that somebody
// keeps: Node's own modules in its binary, a user's compile cache. Code with another hash is refused and compiled from
// source: a dozen modules of Node take 24 instead of 9 ms then (Node 20), 47 instead of 24 (Node 24), for the rest of the
// process. The options that we switch off say how code is run and where objects lie, not what is compiled.
//
//     options   hash              V8 makes the hash when it is asked for, and forgets it when an option changes. So:
//     on        A
//     off       forgotten         found: the one byte that follows when the option goes off, on, off and on again
//     on        A                 the hash is made, as by default,
//     off       A                 and the byte alone is changed
#pragma once

#include <string>

namespace heapproof {

// `name` without dashes: "maglev". Where the byte is not found the option is set as anybody would set it. From any thread.
void SwitchOff(const std::string& name);

// To be called when options were set in any other way: the hash was forgotten.
void HideSwitches();

}  // namespace heapproof
