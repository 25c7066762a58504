// Signals that end the process at once, and with it everything that recordings have not written yet.
//
//     SIGTERM, SIGINT, SIGHUP
//        │  where the program listens, the signal is the program's: libuv has put its handler in place of ours
//        ▼
//     our handler        on whatever thread the kernel chose. Wakes our thread and holds this one, since a program that
//        │               kills itself must not get to its next line
//        ▼
//     our thread         lets the recordings write their end, puts back the handler that was there before ours, and
//                        sends the signal again: the process ends by it, as it would have, some milliseconds later
//
// A handler may not do more than that itself: it may have interrupted malloc, or our own writing.
#pragma once

namespace heapproof {

// Ends all recordings, waiting at most so many milliseconds for each; false when one could not be ended.
using EndRecordings = bool (*)(int milliseconds) noexcept;

// Takes those of the three signals that nobody handles now: their default action is in place, or that of Node, which
// sets the terminal right and lets the signal kill. To be called again after every moment at which the program may
// have given one up. Does nothing on other threads than the first one of the process: there Node changes handlers, and
// it does not expect anybody else to do so at the same time.
void TakeEndingSignals(EndRecordings end);

// Puts back what was there, unless somebody else did. Also for the first thread only.
void GiveBackEndingSignals();

}  // namespace heapproof
