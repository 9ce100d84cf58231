"""Front ends: full screen, plain prompts and headless; all see the engine through events and questions only."""
