"""What tests share: people made of lines, clips, programs in processes of their own."""
