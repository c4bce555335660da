"""What may be asked about (base), and all there is of it, in the order it is offered."""
