"""What the Lesson computes: an over-fitted polynomial, a convolution's input, augmented pictures, the step to a map."""
