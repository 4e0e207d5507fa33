{-# LANGUAGE LambdaCase #-}
-- | Shapes.
module Geo.Shape
  ( area
  ) where

import Data.List (sort)

-- | The area.
--
-- Always positive.
area :: Shape -> Double
area (Circle r) = pi * r * r
area (Square a)
  | a > 0 = a * a
  | otherwise = 0
  where
    helper = a

limit :: Int
limit = 10

-- Without a signature.
double x = x * 2

infixl 6 <+>
(<+>) :: Int -> Int -> Int
a <+> b = a + b

x `plus` y = x + y

-- | A shape.
data Shape
  = Circle Double
  | Square Double
  deriving (Show, Eq)

newtype Wrapper a = Wrapper { unwrap :: a }

type Name = String

-- | Has a size.
class Sized a where
  -- | The size.
  size :: a -> Int
  size _ = 0

  twice :: a -> Int
  twice a = 2 * size a

instance Sized Shape where
  size (Circle _) = 1
  size (Square _) = 2

instance Show a => Sized (Maybe a) where
  size Nothing = 0
  size (Just _) = 1

main :: IO ()
main = do
  putStrLn "start"
  let total = sum [1, 2, 3]
      other = total + 1
  case total of
    1 -> do
      putStrLn "one"
      putStrLn "still one"
    2 -> do
      putStrLn "two"
      putStrLn "still two"
    _ -> putStrLn "many"
  -- then
  mapM_ print
    [ 1
    , 2
    , 3
    ]
  if other > 3
    then do
      putStrLn "big"
      putStrLn "bigger"
    else do
      putStrLn "small"
      putStrLn "smaller"
  putStrLn "end"
