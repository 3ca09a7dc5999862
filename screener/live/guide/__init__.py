"""What the person does and is told: no thread, no camera, no page."""
