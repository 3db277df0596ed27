"""Where next: location programmes on sparse candidate–demand lists, their best plan and the proof of how good it is."""
