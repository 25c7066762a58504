const options = () => []

/** What everything else is compared with, and the same once more: how far that is from 1 is the noise. */
export const nothing = {
  nothing: { title: 'nothing', options },
  again: { title: 'nothing, again', options },
}
