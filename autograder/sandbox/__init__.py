"""Where submissions run: kernels that see neither the course, nor each other, nor a network."""
