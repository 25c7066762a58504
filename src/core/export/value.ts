/** The two things an allocation can be counted as: still there, or ever made. */
export type Value = 'live' | 'allocated'
