/** Loaded before anything else: a process whose wall clock is two minutes ahead (OPS-06). */
const now = Date.now.bind(Date)
Date.now = () => now() + 120_000
