package foreign

// handwritten is not ours to delete.
const handwritten = true
